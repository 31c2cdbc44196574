"""Fades that an editor drew in Final Cut Pro: transitions of OTIO, given back once."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from otio_hpm.interchange.exchange import Delivery, Imported
from otio_hpm.interchange.fcp7.writing import write_fcp7
from otio_hpm.interchange.fcpxml.reading import read_fcpxml
from otio_hpm.interchange.fcpxml.writing import write_fcpxml
from otio_hpm.timeline.exact import seconds

TEXT = """<fcpxml version="1.11"><resources>
<format id="r1" frameDuration="1/24s" width="1920" height="1080"/>
<asset id="a1" name="shot" start="0s" duration="100s" hasVideo="1" hasAudio="1" format="r1"
 audioSources="1" audioChannels="2"><media-rep kind="original-media" src="file:///shot.mov"/></asset>
<asset id="a2" name="song" start="0s" duration="100s" hasAudio="1" audioSources="1"
 audioChannels="2"><media-rep kind="original-media" src="file:///song.wav"/></asset>
</resources><library><event name="e"><project name="p"><sequence format="r1" duration="20s">
<spine>{}</spine></sequence></project></event></library></fcpxml>"""
IN = '<fadeIn type="easeIn" duration="1/2s"/>'
OUT = '<fadeOut duration="7/720s"/>'
"""Less than a frame, and without a type."""
CHANNEL = '<audio-channel-source srcCh="1, 2">{}</audio-channel-source>'


def volume(*fades: str, amount: str = "") -> str:
    return f'<adjust-volume{amount}><param name="amount">{"".join(fades)}</param></adjust-volume>'


def shot(inside: str, offset: int = 0) -> str:
    """A shot with its sound, two seconds long."""
    return (
        f'<asset-clip ref="a1" name="shot{offset}" offset="{offset}s" duration="2s" '
        f'audioRole="dialogue">{inside}</asset-clip>'
    )


def song(inside: str) -> str:
    return (
        '<asset-clip ref="a2" name="song" lane="-1" offset="1s" duration="1s" audioRole="music">'
        f"{inside}</asset-clip>"
    )


def read(folder: Path, spine: str) -> Imported:
    path = folder / "in.fcpxml"
    path.write_text(TEXT.format(spine), "utf-8")
    return read_fcpxml(path)


def transitions(timeline: Any) -> list[tuple[str, int, Fraction, Fraction]]:
    """Track, place among its items, and reach in seconds to both sides."""
    return [
        (track.name, index, seconds(one.in_offset), seconds(one.out_offset))
        for track in timeline.tracks
        for index, one in enumerate(track)
        if isinstance(one, otio.schema.Transition)
    ]


def written(timeline: Any) -> str:
    delivery = Delivery(path=Path("/x.fcpxml"), rate=Fraction(24), start_frames=0, drop_frame=False)
    return write_fcpxml(timeline, delivery).data.decode()


def fades(text: str) -> list[str]:
    return re.findall(r"<fade(?:In|Out)[^>]*>", text)


@pytest.mark.parametrize("amount", ["", ' amount="-3dB"'])
def test_a_fade_of_a_shots_own_sound_is_a_transition_and_the_shot_stays_one(
    tmp_path: Path, amount: str
) -> None:
    (one,) = read(tmp_path, shot(volume(IN, OUT, amount=amount))).sequences
    half, least = Fraction(1, 2), Fraction(7, 720)
    assert transitions(one.timeline) == [("dialogue", 0, 0, half), ("dialogue", 2, least, 0)]
    text = written(one.timeline)
    assert fades(text) == ['<fadeIn type="easeIn" duration="12/24s"/>', OUT]
    assert text.count("<asset-clip") == text.count("<adjust-volume") == 1
    assert (amount in text) and "<transition" not in text


def test_a_fade_of_connected_sound_comes_back_once_and_only_while_it_is_there(
    tmp_path: Path,
) -> None:
    (one,) = read(tmp_path, shot(song(volume(IN)))).sequences
    assert transitions(one.timeline) == [("music", 1, 0, Fraction(1, 2))]
    assert fades(written(one.timeline)) == ['<fadeIn type="easeIn" duration="12/24s"/>']
    music = next(track for track in one.timeline.tracks if track.name == "music")
    del music[1]
    assert "fadeIn" not in written(one.timeline) and "adjust-volume" not in written(one.timeline)


def test_a_changed_fade_replaces_the_one_that_was_read(tmp_path: Path) -> None:
    (one,) = read(tmp_path, shot(volume(IN, OUT))).sequences
    sound = next(track for track in one.timeline.tracks if track.kind == "Audio")
    sound[0].out_offset = otio.opentime.RationalTime(6, 24)
    assert fades(written(one.timeline)) == ['<fadeIn type="easeIn" duration="6/24s"/>', OUT]


def test_other_formats_get_the_fade(tmp_path: Path) -> None:
    (one,) = read(tmp_path, shot(song(volume(IN)))).sequences
    delivery = Delivery(path=Path("/x.xml"), rate=Fraction(24), start_frames=0, drop_frame=False)
    text = write_fcp7(one.timeline, delivery).data.decode()
    assert re.search(r"<transitionitem>\s*<start>24</start>\s*<end>36</end>", text)


@pytest.mark.parametrize(
    ("first", "named"),
    [
        (volume(OUT), "fadeOut"),
        (volume('<fadeIn duration="3s"/>'), "fadeIn"),
        (volume('<fadeIn duration="soon"/>'), "fadeIn"),
        (CHANNEL.format(volume(IN)), "channels"),
    ],
)
def test_a_fade_that_is_no_transition_is_kept_and_named(
    tmp_path: Path, first: str, named: str
) -> None:
    found = read(tmp_path, shot(first) + shot("", 2))
    (warning,) = found.warnings
    assert named in warning and "'shot0'" in warning
    assert transitions(found.sequences[0].timeline) == []
    assert len(fades(written(found.sequences[0].timeline))) == 1
