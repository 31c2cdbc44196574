"""Colours of markers: the words of editing systems beside the eleven of OpenTimelineIO."""

from __future__ import annotations

from collections.abc import Mapping

RESOLVE = {
    "Blue": "BLUE",
    "Cyan": "CYAN",
    "Green": "GREEN",
    "Yellow": "YELLOW",
    "Red": "RED",
    "Pink": "PINK",
    "Purple": "PURPLE",
    "Fuchsia": "MAGENTA",
    "Rose": "PINK",
    "Lavender": "PURPLE",
    "Sky": "CYAN",
    "Mint": "GREEN",
    "Lemon": "YELLOW",
    "Sand": "ORANGE",
    "Cocoa": "BLACK",
    "Cream": "WHITE",
}
"""Resolve's sixteen, and the nearest of OpenTimelineIO; of several, the first is written back."""
AVID = {
    "Red": "RED",
    "Green": "GREEN",
    "Blue": "BLUE",
    "Cyan": "CYAN",
    "Magenta": "MAGENTA",
    "Yellow": "YELLOW",
    "Black": "BLACK",
    "White": "WHITE",
    "Pink": "PINK",
    "Purple": "PURPLE",
    "Orange": "ORANGE",
    "Forest": "GREEN",
    "Denim": "BLUE",
    "Violet": "PURPLE",
    "Gold": "YELLOW",
    "Grey": "WHITE",
}
"""Avid's, of which the first eight are those of its older versions."""
LOCATORS = {word.upper(): color for word, color in AVID.items()} | {
    "LAVENDER": "PURPLE",
    "BROWN": "ORANGE",
    "GRAY": "WHITE",
}
"""What the word of a locator means: Avid's words, and those that other systems put there."""
AVID_OLDER = {"PINK": "Magenta", "PURPLE": "Magenta", "ORANGE": "Red"}
"""What stands for the others where an older version reads a list."""

_OTIO = frozenset({*RESOLVE.values(), *AVID.values()})
_KNOWN = {word.casefold(): color for word, color in [*AVID.items(), *RESOLVE.items()]}
_KNOWN |= {color.casefold(): color for color in _OTIO}


def otio_color(word: str) -> str:
    """OpenTimelineIO's word for a colour; the word itself where it is not known.

    >>> otio_color("lavender"), otio_color("RED"), otio_color("teal")
    ('PURPLE', 'RED', 'teal')
    """
    return _KNOWN.get(word.casefold(), word)


def is_color(word: str) -> bool:
    """Whether a word is the colour of a marker in some system."""
    return word.casefold() in _KNOWN


def colors_of(word: str) -> dict[str, str]:
    """The two colour fields of a `ListedMarker` whose list says `word`."""
    return {"color": otio_color(word), "original_color": "" if word in _OTIO else word}


def word_for(color: str, original: str, palette: Mapping[str, str], default: str) -> str:
    """A palette's word: the original one if it is among them, else the first for the colour."""
    for word in palette:
        if word.casefold() == original.casefold():
            return word
    return next((word for word, otio in palette.items() if otio == color), default)
