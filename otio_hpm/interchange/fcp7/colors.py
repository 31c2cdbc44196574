"""Marker colours: Premiere's eight, and OTIO's words for them."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from otio_hpm.interchange.fcp7.values import number, text

PREMIERE = {
    "RED": 4281740498,
    "YELLOW": 4281049552,
    "PURPLE": 4289825711,
    "ORANGE": 4280578025,
    "BLUE": 4294741314,
    "CYAN": 4292277273,
    "WHITE": 4294967295,
}
"""pproColor of each colour, 0xAABBGGRR; green has none."""

_RGB = {
    "GREEN": (0, 255, 0), "BLACK": (0, 0, 0), "PINK": (255, 191, 204), "MAGENTA": (255, 0, 255),
}  # fmt: skip


def color_of(marker: Element, default: str) -> str:
    """OTIO's word for a marker's pproColor, or for its `<color>` as Final Cut Pro writes it."""
    if text(marker, "pproColor"):
        return _word(text(marker, "pproColor"), default)
    channels = [number(marker, f"color/{name}") for name in ("red", "green", "blue")]
    if None in channels:
        return default
    return _nearest(tuple(int(channel or 0) for channel in channels))


def writable(color: str) -> tuple[str, int | None]:
    """The colour of Premiere's nearest to a word, and its pproColor."""
    word = color.upper()
    if word == "GREEN" or (word not in _RGB and word not in PREMIERE):
        return "GREEN", None
    if word not in PREMIERE:
        near = {name: _distance(_RGB[word], _channels(value)) for name, value in PREMIERE.items()}
        word = min(near, key=near.__getitem__)
    return word, PREMIERE[word]


def _word(said: str, default: str) -> str:
    is_number = said.isascii() and said.isdecimal() and len(said) <= 10
    return _nearest(_channels(int(said))) if is_number else default


def _nearest(rgb: tuple[int, ...]) -> str:
    known = {name: _channels(value) for name, value in PREMIERE.items()} | _RGB
    return min(known, key=lambda name: _distance(rgb, known[name]))


def _channels(ppro: int) -> tuple[int, ...]:
    """Red, green and blue of a pproColor."""
    return ppro & 255, ppro >> 8 & 255, ppro >> 16 & 255


def _distance(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
