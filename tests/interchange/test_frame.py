"""The frame of a sequence, from one kind of Final Cut's XML to the other."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fcpxml_plain import written

from otio_hpm.interchange.exchange import Delivery
from otio_hpm.interchange.fcp7 import read_fcp7, write_fcp7
from otio_hpm.interchange.fcpxml.reading import read_fcpxml

PAL = """<xmeml version="4"><sequence><name>s</name><rate><timebase>25</timebase></rate>
<media><video><format><samplecharacteristics><width>720</width><height>576</height>{more}
</samplecharacteristics></format><track><clipitem><name>c</name><start>0</start><end>50</end>
<in>0</in><out>50</out><file id="f"><pathurl>file:///a.mov</pathurl></file></clipitem></track>
</video></media></sequence></xmeml>"""
SQUARE = "<pixelaspectratio>square</pixelaspectratio>"


def read(folder: Path, more: str) -> Any:
    path = folder / "in.xml"
    path.write_text(PAL.format(more=more))
    return read_fcp7(path).sequences[0].timeline


def as_xmeml(timeline: Any) -> tuple[dict[str, str | None], tuple[str, ...]]:
    found = write_fcp7(
        timeline,
        Delivery(path=Path("/o.xml"), rate=Fraction(25), start_frames=0, drop_frame=False),
    )
    said = ElementTree.fromstring(found.data).find("sequence/media/video/format/*")
    assert said is not None
    return {one.tag: one.text for one in said}, found.losses


def test_final_cuts_two_formats_tell_each_other_size_and_fields(tmp_path: Path) -> None:
    timeline = read(tmp_path, f"{SQUARE}<fielddominance>lower</fielddominance>")
    found = written(timeline, Fraction(25))
    assert not any("frame size" in loss or "Pixels" in loss for loss in found.losses)
    form = ElementTree.fromstring(found.data).find("resources/format")
    assert form is not None and form.get("name") is None
    said = (form.get("width"), form.get("height"), form.get("fieldOrder"))
    assert said == ("720", "576", "lower first")
    path = tmp_path / "out.fcpxml"
    path.write_bytes(found.data)
    back, losses = as_xmeml(read_fcpxml(path).sequences[0].timeline)
    assert (back["width"], back["height"], back["fielddominance"]) == ("720", "576", "lower")
    assert not any("pixels" in loss or "size" in loss for loss in losses)


@pytest.mark.parametrize(
    "more", ["<pixelaspectratio>PAL-601</pixelaspectratio>", "<anamorphic>TRUE</anamorphic>"]
)
def test_pixels_that_are_not_square_are_told(tmp_path: Path, more: str) -> None:
    assert (
        "Pixels that are not square are written as square"
        in written(read(tmp_path, more), Fraction(25)).losses
    )


def test_a_progressive_frame_has_the_name_that_final_cut_gives_it(tmp_path: Path) -> None:
    timeline = read(tmp_path, "<fielddominance>none</fielddominance>")
    kept = timeline.metadata["fcp_xml"]["media"]["video"]["format"]["samplecharacteristics"]
    kept["width"], kept["height"] = "1920", "1080"
    form = ElementTree.fromstring(written(timeline, Fraction(25)).data).find("resources/format")
    assert form is not None and form.get("name") == "FFVideoFormat1080p25"
    kept["fielddominance"] = "upper"
    form = ElementTree.fromstring(written(timeline, Fraction(25)).data).find("resources/format")
    assert form is not None and form.get("name") is None
