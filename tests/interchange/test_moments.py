"""A marker without length on a clip played backwards is at one record frame in every format."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import otio_hpm
from otio_hpm.settings import MediaSettings, ModelSettings, Settings, SpottingSettings
from otio_hpm.timeline.outputs import write
from otio_hpm.timeline.reading import read_cut

SETTINGS = Settings(
    spotting=SpottingSettings(rate=Fraction(25)),
    media=MediaSettings(missing="black"),
    model=ModelSettings(model="debug"),
)
REVERSED = """<xmeml version="4"><sequence><name>s</name><rate><timebase>25</timebase></rate>
<media><video><track><clipitem><name>c</name><start>0</start><end>100</end><in>200</in>
<out>300</out><file id="f"><pathurl>file:///a.mov</pathurl><duration>750</duration></file>
<marker><name>SCORE</name><in>200</in><out>-1</out></marker>
<marker><name>HIT</name><in>225</in><out>-1</out></marker>
<filter><effect><effectid>timeremap</effectid><parameter><parameterid>speed</parameterid>
<valuemin>-100000</valuemin><value>{speed}</value></parameter><parameter>
<parameterid>reverse</parameterid><value>TRUE</value></parameter></effect></filter></clipitem>
</track></video></media></sequence></xmeml>"""


def hits_before_and_after(source: Path, path: Path) -> list[tuple[str, ...]]:
    """Hit points of a file's only cue, and of what is written of it."""
    cut = read_cut(source, SETTINGS)
    write(cut.timeline, cut, path, SETTINGS.delivery, overwrite=False)
    return [otio_hpm.spot(read, SETTINGS).cues[0].hits for read in (source, path)]


@pytest.mark.parametrize("speed", [100, 50])
@pytest.mark.parametrize("suffix", ["xml", "otio", "fcpxml", "aaf", "edl"])
def test_a_moment_on_a_clip_played_backwards_keeps_its_frame(
    tmp_path: Path, speed: int, suffix: str
) -> None:
    source, path = tmp_path / "in.xml", tmp_path / f"out.{suffix}"
    source.write_text(REVERSED.format(speed=speed))
    assert hits_before_and_after(source, path) == [("00:00:01:00",)] * 2


BETWEEN = """<fcpxml version="1.11"><resources><format id="r1" frameDuration="100/2500s"/>
<asset id="r2" name="a" start="0s" duration="100s" hasVideo="1" format="r1" src="file:///a.mov"/>
</resources><library><event><project name="p"><sequence format="r1"><spine>
<asset-clip ref="r2" name="c" offset="0s" start="10s" duration="101/25s"><timeMap>
<timept time="0s" value="100s"/><timept time="{end}s" value="0s"/></timeMap>
<marker start="10s" value="SCORE"/><marker start="11s" value="HIT"/></asset-clip>
</spine></sequence></project></event></library></fcpxml>"""


@pytest.mark.parametrize("end", [200, 125, 80])
@pytest.mark.parametrize("suffix", ["xml", "otio", "fcpxml", "aaf", "edl"])
def test_so_it_does_where_its_source_begins_between_frames(
    tmp_path: Path, end: int, suffix: str
) -> None:
    source, path = tmp_path / "in.fcpxml", tmp_path / f"out.{suffix}"
    source.write_text(BETWEEN.format(end=end))
    assert hits_before_and_after(source, path) == [("00:00:01:00",)] * 2
