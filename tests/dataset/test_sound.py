"""Sound of films is read to the sample, wherever reading begins and however it is stored."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from small_films import music, write_film

from otio_hpm.dataset.clip import Facts
from otio_hpm.dataset.film_file import film_segment
from otio_hpm.dataset.segment import SoundPart
from otio_hpm.dataset.sound import heard, read_sound
from otio_hpm.errors import MediaError
from otio_hpm.film.frames import read_frames
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.media import MediaFinder

CLICKS = tuple(Fraction(n) for n in (1, 4, 7))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    sound = music(9, 1, CLICKS, 0.0, 48_000)
    for name in ("a.wav", "a.flac", "a.mp3", "a.ogg"):
        soundfile.write(folder / name, sound, 48_000)
    write_film(folder / "a.mov", 9, 1, flashes=CLICKS, level=0.0)
    write_film(folder / "a.mp4", 9, 1, flashes=CLICKS, level=0.0)
    write_film(folder / "slow.mov", 9, 1, flashes=CLICKS, level=0.0, sound_rate=44_100)
    return folder


@pytest.mark.parametrize("start", [Fraction(0), Fraction(1, 3), Fraction(31, 7), Fraction(6)])
@pytest.mark.parametrize(
    ("name", "slack"),
    [("a.wav", 0), ("a.flac", 0), ("a.mov", 0), ("slow.mov", 2), ("a.mp4", 50), ("a.mp3", 50),
     ("a.ogg", 50)],
)  # fmt: skip
def test_clicks_are_where_they_were_recorded(
    folder: Path, name: str, slack: int, start: Fraction
) -> None:
    """`slack` is how early a lossy coder's ringing, or a resampler's, passes the threshold."""
    sound = read_sound(folder / name, start, int((9 - start) * 48_000))
    loud = np.flatnonzero(np.abs(sound[0]) > 0.3)
    begins = loud[np.diff(loud, prepend=-48_000) > 24_000]
    expected = [round((click - start) * 48_000) for click in CLICKS if click >= start]
    assert len(begins) == len(expected)
    assert np.abs(begins - expected).max() <= slack


def test_beyond_the_ends_there_is_silence(folder: Path) -> None:
    sound = read_sound(folder / "a.wav", Fraction(6), 5 * 48_000)
    assert np.abs(sound[:, : 2 * 48_000]).max() > 0.9
    assert not sound[:, 3 * 48_000 :].any()
    assert not read_sound(folder / "a.wav", Fraction(20), 1000).any()


def test_parts_lie_where_they_are_put(folder: Path) -> None:
    parts = [
        SoundPart(
            path=folder / "a.wav",
            start_s=Fraction(start),
            at_s=Fraction(start + 1),
            duration_s=Fraction(length),
        )
        for start, length in ((1, 1), (4, 9))
    ]
    sound = heard(parts, Fraction(1), 8 * 48_000)[0]
    assert [round(n / 48) for n in np.flatnonzero(sound > 0.9)[::48]] == [1000, 4000, 7000]


def test_two_channels_are_kept_apart_and_surround_is_mixed_down(tmp_path: Path) -> None:
    left = np.sin(np.arange(48_000) * 0.1) / 2
    soundfile.write(tmp_path / "stereo.wav", np.stack([left, 0 * left], 1), 48_000)
    sound = read_sound(tmp_path / "stereo.wav", Fraction(0), 48_000)
    assert np.abs(sound[0] - left).max() < 1e-3
    assert not sound[1].any()
    six = np.zeros((48_000, 6))
    six[:, 2] = left  # the centre
    soundfile.write(tmp_path / "surround.wav", six, 48_000, subtype="FLOAT", format="WAVEX")
    sound = read_sound(tmp_path / "surround.wav", Fraction(0), 48_000)
    assert np.abs(sound).max() > 0.05
    assert np.allclose(sound[0], sound[1], atol=1e-4)


def test_a_hole_in_the_sound_is_silence_and_what_follows_is_in_time(tmp_path: Path) -> None:
    path = tmp_path / "holed.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for index in (0, 1, 2, 5, 6):  # pieces of a tenth of a second; two are missing
            data = np.full((1, 4800), 10_000 + index, np.int16)
            frame = av.AudioFrame.from_ndarray(data, format="s16", layout="mono")
            frame.sample_rate, frame.time_base = 48_000, Fraction(1, 48_000)
            frame.pts = index * 4800
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    sound = read_sound(path, Fraction(0), 7 * 4800)[0] * 32_768
    middles = sound.reshape(7, 4800)[:, 2400].round()
    assert middles.tolist() == [10_000, 10_001, 10_002, 0, 0, 10_005, 10_006]


def test_files_without_sound_are_told(tmp_path: Path) -> None:
    path = write_film(tmp_path / "mute.mov", 1, 1, sound=False)
    with pytest.raises(MediaError, match=r"mute\.mov has no sound"):
        read_sound(path, Fraction(0), 10)


@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".mkv", ".ts"])
def test_picture_and_sound_share_a_clock_in_every_container(tmp_path: Path, suffix: str) -> None:
    """Whatever time stamps it begins with, and with frames out of order, as H.264 stores them."""
    path = write_film(tmp_path / f"film{suffix}", 3, 1, flashes=(Fraction(2),), level=0.0)
    media = MediaFinder(tmp_path, MediaSettings()).probe(path)
    segment = film_segment(media, Facts(film="x"), "x", Fraction(1, 2), Fraction(3))
    light = read_frames(segment.picture, 0, 60, segment.rate, fps=24).mean(axis=(1, 2, 3))
    assert np.flatnonzero(light > 240).tolist() == [36]
    sound = np.abs(heard(segment.sound, Fraction(0), 120_000)[0])
    # AAC begins a packet early in a transport stream, which has no way to say so.
    slack = 1100 if suffix == ".ts" else 50
    assert abs(int(np.flatnonzero(sound > 0.3)[0]) - 72_000) <= slack
