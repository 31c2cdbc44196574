"""DPX and OpenEXR images that carry a number, as `coded_media` paints it, and say what they are."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from coded_media import HEIGHT, WIDTH, coded

UNDEFINED = 0xFFFFFFFF


def write_dpx(
    path: Path,
    number: int,
    *,
    timecode: int = UNDEFINED,
    reel: str = "",
    film_rate: float = 0.0,
    television_rate: float = 0.0,
    order: str = ">",
) -> Path:
    """An 8-bit RGB image; `timecode` is packed, 0x01000012 for 01:00:00:12."""
    header = bytearray(2048)
    fields = [
        (0, "4s", b"SDPX" if order == ">" else b"XPDS"),
        (4, "I", 2048), (8, "8s", b"V1.0"), (16, "I", 2048 + WIDTH * HEIGHT * 3),
        (24, "I", 1664), (28, "I", 384), (770, "H", 1), (772, "I", WIDTH), (776, "I", HEIGHT),
        (800, "4B", (50, 2, 2, 8)), (808, "I", 2048), (1556, "32s", reel.encode()),
        (1724, "f", film_rate), (1920, "I", timecode), (1940, "f", television_rate),
    ]  # fmt: skip
    for place, form, value in fields:
        struct.pack_into(order + form, header, place, *(value if form == "4B" else (value,)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(header) + coded(number).tobytes())
    return path


def write_exr(
    path: Path,
    number: int,
    *,
    timecode: int | None = None,
    rate: tuple[int, int] | None = None,
    rate_name: str = "framesPerSecond",
    texts: dict[str, str] | None = None,
) -> Path:
    """Lines of half floats, not compressed; `texts` are attributes of its header."""
    window = struct.pack("<4i", 0, 0, WIDTH - 1, HEIGHT - 1)
    channels = b"".join(name + struct.pack("<i4x2i", 1, 1, 1) for name in (b"B\0", b"G\0", b"R\0"))
    attributes = [
        ("channels", "chlist", channels + b"\0"), ("compression", "compression", b"\0"),
        ("dataWindow", "box2i", window), ("displayWindow", "box2i", window),
        ("lineOrder", "lineOrder", b"\0"), ("pixelAspectRatio", "float", struct.pack("<f", 1)),
        ("screenWindowCenter", "v2f", bytes(8)), ("screenWindowWidth", "float", bytes(4)),
        *((name, "string", text.encode()) for name, text in (texts or {}).items()),
    ]  # fmt: skip
    if timecode is not None:
        attributes.append(("timeCode", "timecode", struct.pack("<2I", timecode, 0)))
    if rate is not None:
        attributes.append((rate_name, "rational", struct.pack("<iI", *rate)))
    header = b"\x76\x2f\x31\x01\x02\0\0\0"
    for name, kind, value in attributes:
        header += f"{name}\0{kind}\0".encode() + struct.pack("<i", len(value)) + value
    header += b"\0"
    pixels = (coded(number).transpose(0, 2, 1)[:, ::-1] / 255).astype("<f2")
    lines = [struct.pack("<2i", y, WIDTH * 6) + line.tobytes() for y, line in enumerate(pixels)]
    first = len(header) + 8 * HEIGHT
    places = np.arange(HEIGHT, dtype="<u8") * len(lines[0]) + first
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header + places.tobytes() + b"".join(lines))
    return path
