"""Reading an xmeml file: every sequence of its top level and its bins."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.exchange import Imported
from otio_hpm.interchange.fcp7.document import Document
from otio_hpm.interchange.fcp7.notes import Notes
from otio_hpm.interchange.fcp7.sequences import SequenceReader

_KNOWN_VERSIONS = ("1", "2", "3", "4", "5")
_RESOLVE = "(Resolve)"
"""What Resolve ends the name of a sequence with."""


def read_fcp7(path: Path) -> Imported:
    """A Final Cut Pro 7 XML file.

    Only what is not understood is lost, with a warning that names its line. Raises TimelineError
    for a file that is no whole xmeml, too large, or without a sequence whose rate it states.
    """
    document, notes = Document(path), Notes()
    version = document.root.get("version", "")
    if version not in _KNOWN_VERSIONS:
        notes.add(f"version {version!r} of xmeml is not known, and is read as 5")
    dialect = _dialect(document.root)
    reader = SequenceReader(document, notes, "GREEN" if dialect == "premiere" else "RED")
    found = [reader.sequence(element) for element in _sequences(document)]
    sequences = tuple(sequence for sequence in found if sequence)
    if not sequences:
        why = notes.sentences()[-1] if found else "it holds no sequence"
        raise TimelineError(
            f"{path.name} holds no timeline: {why}", hint="export the sequence, not a clip or bin"
        )
    return Imported(sequences=sequences, dialect=dialect, warnings=notes.sentences())


def _sequences(document: Document) -> list[Element]:
    """Sequences that stand by themselves or in a project or bin, each once, in the file's order."""
    found = [document.resolved(one) for one in document.root.iterfind("sequence")]
    for children in document.root.iter("children"):
        found += [document.resolved(one) for one in children.iterfind("sequence")]
    return list(dict.fromkeys(found))


def _dialect(root: Element) -> str:
    """The system that wrote a file, by what only it writes."""
    sequences = list(root.iter("sequence"))
    if any((one.findtext("name") or "").strip().endswith(_RESOLVE) for one in sequences):
        return "resolve"
    attributes = {key for one in sequences for key in one.attrib}
    if any(key.startswith(("MZ.", "TL.", "Monitor.")) for key in attributes):
        return "premiere"
    if next(root.iter("pproTicksIn"), None) is not None:
        return "premiere"
    return "finalcut" if next(root.iter("updatebehavior"), None) is not None else "plain"
