"""Small files of FCPXML, and what is read of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import opentimelineio as otio

from otio_hpm.interchange.exchange import Imported
from otio_hpm.interchange.fcpxml.reading import read_fcpxml

RESOURCES = """
<format id="r1" frameDuration="100/2400s"/>
<format id="r2" frameDuration="1001/24000s"/>
<format id="r9" name="FFVideoFormat1080p25"/>
<asset id="a1" name="both" start="3600s" duration="100s" hasVideo="1" hasAudio="1" format="r1"
  audioRate="48000"><media-rep kind="proxy-media" src="file:///p.mov"/>
  <media-rep kind="original-media" src="file:///o%20o.mov"><bookmark>x</bookmark></media-rep></asset>
<asset id="a2" name="mute" start="0s" duration="100s" hasVideo="1" format="r1" src="Media/m.mov"/>
<asset id="a3" name="music" start="0s" duration="100s" hasAudio="1" audioRate="48000"
  src="file:///s.wav"/>
<asset id="a4" name="film" start="0s" duration="1001s" hasVideo="1" format="r2" src="file:///f.mov"/>
<effect id="e1" name="Cross Dissolve" uid="x"/>
"""


def read(tmp_path: Path, spine: str, more: str = "", sequence: str = "") -> Imported:
    start = "" if "tcStart" in sequence else 'tcStart="10s"'
    text = (
        f'<fcpxml version="1.11"><resources>{RESOURCES}{more}</resources><library><event name="e">'
        f'<project name="p"><sequence format="r1" {start} tcFormat="NDF" {sequence}>'
        f"<spine>{spine}</spine></sequence></project></event></library></fcpxml>"
    )
    path = tmp_path / "t.fcpxml"
    path.write_text(text, encoding="utf-8")
    return read_fcpxml(path)


def timeline(tmp_path: Path, spine: str, more: str = "", sequence: str = "") -> Any:
    found = read(tmp_path, spine, more, sequence)
    assert found.warnings == ()
    return found.sequences[0].timeline


def pictures(made: Any) -> list[Any]:
    return [track for track in made.tracks if track.kind == otio.schema.TrackKind.Video]


def sounds(made: Any) -> list[Any]:
    return [track for track in made.tracks if track.kind == otio.schema.TrackKind.Audio]


def at(item: Any) -> tuple[float, float]:
    """Start and duration on the track, in seconds."""
    found = item.range_in_parent()
    return found.start_time.to_seconds(), found.duration.to_seconds()


def source(item: Any) -> tuple[float, float]:
    own = item.source_range
    return own.start_time.to_seconds(), own.duration.to_seconds()


SYNC = (
    '<sync-clip name="s" offset="10s" start="3602s" duration="3s">'
    '<asset-clip ref="a2" name="in" offset="3600s" start="1s" duration="9s">'
    '<asset-clip ref="a3" name="snd" lane="-1" offset="3s" duration="4s" audioRole="x"/>'
    '</asset-clip><title name="t" lane="1" offset="3603s" start="3600s" duration="1s">'
    '<text><text-style>Hi</text-style></text></title><marker start="3604s" value="m"/></sync-clip>'
)
