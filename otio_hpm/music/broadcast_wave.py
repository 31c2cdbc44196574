"""Broadcast WAV as editing systems expect it: plain PCM, bext version 2, iXML.

Sources: EBU Tech 3285 (bext), iXML specification 2.10. Dates stay empty, so that equal audio
gives equal bytes.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from otio_hpm.errors import OutputError
from otio_hpm.files import writing
from otio_hpm.music.loudness import Loudness
from otio_hpm.timeline.wave_tape import ORIGINATOR
from otio_hpm.timing import SAMPLE_RATE

BYTES_PER_SAMPLE = 3
_FULL_SCALE = 1 << 23
_LARGEST_RIFF = (1 << 32) - 1
_LARGEST_HEAD = 1 << 20
"""All chunks before the audio, generously, in bytes."""
_BLOCK = 1 << 20
_UNUSED = 0x7FFF
"""A loudness field of bext that is not used."""


def write_broadcast_wave(
    path: Path,
    audio: NDArray[np.floating],
    *,
    time_reference_samples: int,
    rate: Fraction,
    drop_frame: bool,
    description: str,
    name: str,
    loudness: Loudness | None = None,
) -> str:
    """Write audio (channels, samples) in -1..1 as 48 kHz 24-bit; the file's SHA-256.

    `time_reference_samples` is the record position of the first sample since midnight, `rate` and
    `drop_frame` the timeline's. Text beyond ASCII is kept in iXML. Rounded without dither: its
    noise would be 24 bits down, and seed-dependent. Raises OutputError for a path that exists or
    cannot be written and for more than 4 GiB, ValueError for audio beyond full scale.
    """
    channels = np.atleast_2d(audio)
    count, samples = channels.shape
    check_size(path, count, samples)
    texts = _ixml(count, time_reference_samples, rate, drop_frame, description, name)
    data_bytes = count * samples * BYTES_PER_SAMPLE
    head = (
        _chunk(b"bext", _bext(count, time_reference_samples, description, loudness))
        + _chunk(b"fmt ", _format(count))
        + _chunk(b"iXML", texts)
        + b"data"
    )
    riff_bytes = 4 + len(head) + 4 + data_bytes + data_bytes % 2
    digest = hashlib.sha256()
    with writing(path) as file:
        for part in (b"RIFF", struct.pack("<I", riff_bytes), b"WAVE", head, *_data(channels)):
            digest.update(part)
            file.write(part)
    return digest.hexdigest()


def check_size(path: Path, channels: int, samples: int) -> None:
    """Raise OutputError for audio that a WAV file cannot hold."""
    size = channels * samples * BYTES_PER_SAMPLE + _LARGEST_HEAD
    if size > _LARGEST_RIFF:
        raise OutputError(
            f"{path} would be {size / 2**30:.1f} GiB, and a WAV file ends at 4 GiB",
            hint="Split the cue into shorter ones.",
        )


def _data(channels: NDArray[np.floating]) -> Iterator[bytes]:
    """The data chunk after its name: size, interleaved 24-bit samples, padding."""
    size = channels.size * BYTES_PER_SAMPLE
    yield struct.pack("<I", size)
    for start in range(0, channels.shape[1], _BLOCK):
        yield _pcm24(channels[:, start : start + _BLOCK])
    yield bytes(size % 2)


def _pcm24(channels: NDArray[np.floating]) -> bytes:
    """Interleaved little-endian samples; +1.0 becomes the highest value there is."""
    if not bool((np.abs(channels) <= 1.0).all()):
        raise ValueError("audio goes beyond full scale and would clip")
    whole = np.rint(channels.T.astype(np.float64) * _FULL_SCALE)
    integers = np.minimum(whole, _FULL_SCALE - 1).astype("<i4")
    return integers.reshape(-1, 1).view(np.uint8)[:, :BYTES_PER_SAMPLE].tobytes()


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _format(channels: int) -> bytes:
    """Format tag 1, plain PCM: WAVE_FORMAT_EXTENSIBLE is refused by some systems."""
    frame = channels * BYTES_PER_SAMPLE
    return struct.pack("<HHIIHH", 1, channels, SAMPLE_RATE, SAMPLE_RATE * frame, frame, 24)


def _bext(channels: int, time_reference: int, description: str, loudness: Loudness | None) -> bytes:
    """EBU Tech 3285 version 2; origination date and time are left empty."""
    levels = [_UNUSED] * 5
    if loudness:
        values = (loudness.integrated_lufs, loudness.range_lu, loudness.true_peak_dbtp)
        levels[:3] = [round(100 * value) for value in values]
    mode = {1: "mono", 2: "stereo"}[channels]
    return (
        struct.pack(
            "<256s32s32s10s8sQH64s5h180x",
            _ascii(description, 256), _ascii(ORIGINATOR, 32), b"", b"", b"", time_reference, 2, b"",
            *levels,
        )
        + f"A=PCM,F={SAMPLE_RATE},W=24,M={mode},T={ORIGINATOR}\r\n".encode("ascii")
    )  # fmt: skip


def _ascii(text: str, length: int) -> bytes:
    """bext text; what ASCII lacks becomes a question mark."""
    return text.encode("ascii", "replace")[:length]


def _ixml(
    channels: int, start: int, rate: Fraction, drop_frame: bool, description: str, name: str
) -> bytes:
    """iXML 2.10: Unicode text, the timecode rate, the start and the tracks."""
    fraction = f"{rate.numerator}/{rate.denominator}"
    speed = {
        "MASTER_SPEED": fraction,
        "CURRENT_SPEED": fraction,
        "TIMECODE_RATE": fraction,
        "TIMECODE_FLAG": "DF" if drop_frame else "NDF",
        "FILE_SAMPLE_RATE": SAMPLE_RATE,
        "AUDIO_BIT_DEPTH": 24,
        "DIGITIZER_SAMPLE_RATE": SAMPLE_RATE,
        "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI": start >> 32,
        "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO": start & 0xFFFFFFFF,
        "TIMESTAMP_SAMPLE_RATE": SAMPLE_RATE,
    }
    tracks = "".join(
        _elements("TRACK", {"CHANNEL_INDEX": i, "INTERLEAVE_INDEX": i, "NAME": track})
        for i, track in enumerate({1: ("Mono",), 2: ("Left", "Right")}[channels], start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<BWFXML><IXML_VERSION>2.10</IXML_VERSION>'
        f"<SCENE>{_xml(name)}</SCENE><NOTE>{_xml(description)}</NOTE>"
        f"{_elements('SPEED', speed)}"
        f"<TRACK_LIST><TRACK_COUNT>{channels}</TRACK_COUNT>{tracks}</TRACK_LIST></BWFXML>\n"
    ).encode()


def _elements(name: str, fields: dict[str, int | str]) -> str:
    inside = "".join(f"<{key}>{value}</{key}>" for key, value in fields.items())
    return f"<{name}>{inside}</{name}>"


def _xml(text: str) -> str:
    """Escaped, without the control characters that XML 1.0 does not have."""
    return escape("".join(c for c in text if c >= " " or c in "\t\n\r"))
