"""Colours of markers: AAF's RGB of 16 bits, and OTIO's words."""

from __future__ import annotations

from collections.abc import Mapping

from otio_hpm.interchange.marker_colors import otio_color

RGB: dict[str, tuple[int, int, int]] = {
    "RED": (41471, 12134, 6564),
    "GREEN": (13107, 52428, 13107),
    "BLUE": (13107, 13107, 52428),
    "CYAN": (13107, 52428, 52428),
    "MAGENTA": (52428, 13107, 52428),
    "YELLOW": (58981, 58981, 6553),
    "BLACK": (0, 0, 0),
    "WHITE": (65535, 65535, 65535),
    "PINK": (65535, 46774, 49601),
    "ORANGE": (65535, 36751, 0),
    "PURPLE": (32896, 0, 32896),
}
"""As Avid writes its eight colours; for OTIO's other three, colours of that name."""


def otio_colour(name: str, rgb: Mapping[str, int] | None) -> str:
    """OTIO's word for a marker's colour: by its name, else the nearest to its RGB, else RED.

    >>> otio_colour("Forest", None), otio_colour("", {"red": 60000, "green": 50000, "blue": 0})
    ('GREEN', 'YELLOW')
    """
    named = otio_color(name.strip())
    if named in RGB or not rgb:
        return named if named in RGB else "RED"
    wanted = [int(rgb.get(part, 0)) for part in ("red", "green", "blue")]
    return min(
        RGB, key=lambda colour: sum((a - b) ** 2 for a, b in zip(RGB[colour], wanted, strict=True))
    )
