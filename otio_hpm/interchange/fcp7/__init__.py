"""Final Cut Pro 7 XML (xmeml), the interchange format of Premiere, Resolve, Hiero and others.

The published adapter is not used for reading: it leaves nested sequences empty, counts clip markers
from the media's first frame, and loses a whole file for one element it does not know. What is kept
of a file is kept under the same key and in the same shape as there: `metadata["fcp_xml"]`.
"""

from otio_hpm.interchange.fcp7.reading import read_fcp7
from otio_hpm.interchange.fcp7.writing import write_fcp7

__all__ = ["read_fcp7", "write_fcp7"]
