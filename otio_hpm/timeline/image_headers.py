"""What the header of a DPX or OpenEXR image says of its source: reel, timecode, frame rate.

Sources: SMPTE ST 268-1 (DPX: image source, film and television headers), the OpenEXR file layout
and its standard optional attributes; both pack timecode as SMPTE ST 12-1 does.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from otio_hpm.timing import snap_rate

_DPX = {b"SDPX": ">", b"XPDS": "<"}
"""Magic numbers and the byte orders that they tell."""
_DPX_HEADER = 2048
_DPX_DEVICE = 1556
"""The input device, where Autodesk's systems and others keep the reel's name."""
_DPX_FILM_RATE, _DPX_TIMECODE, _DPX_TELEVISION_RATE = 1724, 1920, 1940
_UNDEFINED = 0xFFFFFFFF
_EXR = b"\x76\x2f\x31\x01"
_EXR_HEAD = 8
"""Bytes of its magic number and version."""
_MAX_ATTRIBUTES = 1000
_MAX_NAME = 256
_MAX_VALUE = 1 << 16


@dataclass(frozen=True, kw_only=True)
class ImageHeader:
    """What is known of an image's source."""

    texts: Mapping[str, str] = field(default_factory=dict)
    """Texts by name, the reel's among them where there is one."""
    timecode: str | None = None
    """Of this frame; `;` for drop-frame. It counts 30 frames a second at most."""
    rate: Fraction | None = None


def read_image_header(path: Path) -> ImageHeader | None:
    """The header of an image; None where it has none of these kinds. Raises OSError."""
    with path.open("rb") as file:
        magic = file.read(4)
        if order := _DPX.get(magic):
            return _of_dpx(magic + file.read(_DPX_HEADER - 4), order)
        return _of_exr(file) if magic == _EXR else None


def _of_dpx(header: bytes, order: str) -> ImageHeader | None:
    if len(header) < _DPX_HEADER:
        return None
    (packed,) = struct.unpack_from(f"{order}I", header, _DPX_TIMECODE)
    rates = (
        _rate(*struct.unpack_from(f"{order}f", header, place))
        for place in (_DPX_TELEVISION_RATE, _DPX_FILM_RATE)
    )
    device = header[_DPX_DEVICE : _DPX_DEVICE + 32].partition(b"\0")[0].strip(b"\xff ")
    return ImageHeader(
        texts={"reel": device.decode("utf-8", "replace")},
        timecode=_timecode(packed),
        rate=next(filter(None, rates), None),
    )


def _of_exr(file: BinaryIO) -> ImageHeader:
    """Of the first part, where there are several."""
    file.seek(_EXR_HEAD)
    texts: dict[str, str] = {}
    timecode, rate = None, None
    for name, kind, value in _attributes(file):
        if kind == "string":
            texts[name] = value.decode("utf-8", "replace")
        elif kind == "timecode" and len(value) == 8:
            timecode = _timecode(*struct.unpack_from("<I", value))
        elif (name.lower(), kind, len(value)) == ("framespersecond", "rational", 8):
            over, under = struct.unpack("<iI", value)
            rate = _rate(Fraction(over, under)) if under else None
    return ImageHeader(texts=texts, timecode=timecode, rate=rate)


def _attributes(file: BinaryIO) -> Iterator[tuple[str, str, bytes]]:
    """Name, type and value of each; those before its end where a header is cut short."""
    for _ in range(_MAX_ATTRIBUTES):
        name, kind, size = _word(file), _word(file), file.read(4)
        if not name or len(size) < 4:
            return
        (length,) = struct.unpack("<I", size)
        if length <= _MAX_VALUE:
            yield name, kind, file.read(length)
        else:
            file.seek(length, 1)


def _word(file: BinaryIO) -> str:
    """Text to the next zero byte."""
    letters = bytearray()
    while len(letters) < _MAX_NAME and (letter := file.read(1)) not in (b"", b"\0"):
        letters += letter
    return letters.decode("ascii", "replace")


def _timecode(packed: int) -> str | None:
    """Timecode of binary coded digits with flags between, hours first; None for none."""
    if packed == _UNDEFINED:
        return None
    hours, minutes, seconds, frames = packed.to_bytes(4, "big")
    is_drop = frames & 0x40
    fields = (hours & 0x3F, minutes & 0x7F, seconds & 0x7F, frames & 0x3F)
    digits = [f"{field:02x}" for field in fields]
    return ":".join(digits[:3]) + (";" if is_drop else ":") + digits[3]


def _rate(value: float | Fraction) -> Fraction | None:
    """A frame rate; None for what is none: nothing, infinite, no number."""
    return snap_rate(value) if value > 0 else None
