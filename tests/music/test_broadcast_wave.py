"""Four readers of their own must find in a Broadcast WAV what was written."""

from __future__ import annotations

import hashlib
import os
import struct
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from otio_hpm.errors import OutputError
from otio_hpm.music.broadcast_wave import write_broadcast_wave
from otio_hpm.music.loudness import Loudness
from otio_hpm.timing import SAMPLE_RATE, frames_to_samples

NTSC_24 = Fraction(24000, 1001)
RATES = (NTSC_24, *map(Fraction, (24, 25, 30, 50)), Fraction(30000, 1001), Fraction(60000, 1001))


def sound(channels: int, samples: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(3).uniform(-1, 1, (channels, samples)).astype(np.float32)
    if samples > 3:
        drawn[:, :4] = [1.0, -1.0, 0.0, 2.0**-23]
    return drawn


def write(path: Path, audio: NDArray[np.float32], **changes: Any) -> str:
    fields: dict[str, Any] = {
        "time_reference_samples": 172_972_800,
        "rate": NTSC_24,
        "drop_frame": False,
        "description": "R1 1m1 take 1",
        "name": "1m1",
    }
    return write_broadcast_wave(path, audio, **fields | changes)


def as_integers(audio: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.minimum(np.rint(audio.astype(np.float64) * 2**23), 2**23 - 1).astype(np.int64)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("samples", [1, 4801])
def test_the_readers_agree(tmp_path: Path, channels: int, samples: int) -> None:
    import av
    import soundfile
    from wavinfo import WavInfoReader

    path = tmp_path / "R1_1m1_t01.wav"
    audio = sound(channels, samples)
    expected = as_integers(audio)
    assert write(path, audio) == hashlib.sha256(path.read_bytes()).hexdigest()

    with wave.open(str(path)) as plain:
        assert plain.getparams()[:4] == (channels, 3, SAMPLE_RATE, samples)
        raw = np.frombuffer(plain.readframes(samples), np.uint8).reshape(-1, channels, 3)
    found = (raw * [1, 1 << 8, 1 << 16]).sum(2, dtype=np.int64)
    assert np.array_equal(np.where(found >= 2**23, found - 2**24, found).T, expected)

    information = soundfile.info(path)
    assert (information.format, information.subtype) == ("WAV", "PCM_24")
    read, _ = soundfile.read(path, dtype="int32", always_2d=True)
    assert np.array_equal(read.T >> 8, expected)

    described = WavInfoReader(str(path))
    assert described.fmt.audio_format == 1
    assert described.data.frame_count == samples
    assert described.bext.time_reference == 172_972_800

    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate) == ("pcm_s24le", SAMPLE_RATE)
        assert container.metadata["time_reference"] == "172972800"
        decoded = [frame.to_ndarray() for frame in container.decode(stream)]
    flat = np.concatenate([frame.reshape(-1) for frame in decoded])
    assert np.array_equal(flat.reshape(-1, channels).T >> 8, expected)


def test_what_it_says_of_itself(tmp_path: Path) -> None:
    from wavinfo import WavInfoReader

    path = tmp_path / "a.wav"
    loudness = Loudness(integrated_lufs=-23.004, true_peak_dbtp=-4.5, range_lu=6.26)
    text = "Müller & <Söhne>: 夜\x07"
    write(path, sound(2, 100), description=text, name="1m1 «x»", loudness=loudness)
    read = WavInfoReader(str(path))
    assert read.bext.originator == "otio-hpm"
    assert read.bext.description == "M?ller & <S?hne>: ?\x07"
    assert (read.bext.originator_date, read.bext.originator_time) == ("", "")
    assert read.bext.version == 2
    assert read.bext.loudness_value == -23.0
    assert read.bext.loudness_range == 6.26
    assert read.bext.max_true_peak == -4.5
    assert read.bext.max_momentary_loudness == 327.67  # 0x7FFF: not used
    assert read.bext.coding_history == "A=PCM,F=48000,W=24,M=stereo,T=otio-hpm\r\n"
    root = read.ixml.parsed.getroot()
    assert root.tag == "BWFXML"
    assert root.findtext("NOTE") == "Müller & <Söhne>: 夜"
    assert root.findtext("SCENE") == "1m1 «x»"
    assert root.findtext("SPEED/TIMECODE_RATE") == "24000/1001"
    assert root.findtext("SPEED/TIMECODE_FLAG") == "NDF"
    assert root.findtext("SPEED/FILE_SAMPLE_RATE") == "48000"
    assert [track.name for track in read.ixml.track_list] == ["Left", "Right"]


def test_chunks_stand_in_order(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write(path, sound(1, 5))
    content = path.read_bytes()
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    names, at = [], 12
    while at < len(content):
        name, size = struct.unpack("<4sI", content[at : at + 8])
        names.append(name)
        at += 8 + size + size % 2
    assert names == [b"bext", b"fmt ", b"iXML", b"data"]
    assert at == len(content)


@settings(max_examples=40, deadline=None)
@given(frame=st.integers(0, 24 * 3600 * 60), rate=st.sampled_from(RATES), drop=st.booleans())
def test_record_time_survives(
    tmp_path_factory: pytest.TempPathFactory, frame: int, rate: Fraction, drop: bool
) -> None:
    from wavinfo import WavInfoReader

    path = tmp_path_factory.mktemp("bwf") / "a.wav"
    reference = frames_to_samples(frame, rate)
    write(path, sound(1, 2), time_reference_samples=reference, rate=rate, drop_frame=drop)
    read = WavInfoReader(str(path))
    speed = read.ixml.parsed.getroot().find("SPEED")
    high = int(speed.findtext("TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI"))
    low = int(speed.findtext("TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO"))
    assert read.bext.time_reference == (high << 32) + low == reference
    found = Fraction(speed.findtext("TIMECODE_RATE"))
    assert found == rate
    assert round(reference * found / SAMPLE_RATE) == frame
    assert speed.findtext("TIMECODE_FLAG") == ("DF" if drop else "NDF")


def test_the_high_word_is_used(tmp_path: Path) -> None:
    from wavinfo import WavInfoReader

    path = tmp_path / "a.wav"
    write(path, sound(1, 2), time_reference_samples=(1 << 32) + 5)
    read = WavInfoReader(str(path))
    assert read.bext.time_reference == (1 << 32) + 5
    assert read.ixml.parsed.getroot().findtext("SPEED/TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI") == "1"


def test_nothing_clips(tmp_path: Path) -> None:
    for wrong in (1.0001, -1.0001, np.nan):
        with pytest.raises(ValueError, match="full scale"):
            write(tmp_path / "a.wav", np.array([[0.0, wrong]], np.float32))
    assert os.listdir(tmp_path) == []


def test_more_than_four_gibibytes(tmp_path: Path) -> None:
    endless = np.broadcast_to(np.float32(0), (1, 1_500_000_000))
    with pytest.raises(OutputError, match="4 GiB"):
        write(tmp_path / "a.wav", endless)
    assert os.listdir(tmp_path) == []


def test_audio_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write(path, sound(1, 10))
    before = path.read_bytes()
    with pytest.raises(OutputError, match="exists"):
        write(path, sound(1, 20))
    assert path.read_bytes() == before
    with pytest.raises(OutputError, match="cannot be written"):
        write(path / "b.wav", sound(1, 10))


def test_equal_audio_gives_equal_bytes(tmp_path: Path) -> None:
    first, second = (write(tmp_path / name, sound(2, 999)) for name in ("a.wav", "b.wav"))
    assert first == second
