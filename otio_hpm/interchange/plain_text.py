"""Text of files that do not state their encoding: timelines in words, and lists."""

from __future__ import annotations

_MARKS_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SAMPLE = 4096
_FILLING = "\0\x1a"
"""DOS's end of file, and what Final Cut Pro 7 and Flame fill up the last block of a list with."""


def text_of(data: bytes) -> str:
    """Text in UTF-16 or UTF-8 by its mark, else in UTF-8. Raises UnicodeDecodeError."""
    return data.decode("utf-16" if data[:2] in _MARKS_UTF_16 else "utf-8-sig")


def text_of_list(data: bytes) -> str:
    """Text of a list: as above, or UTF-16 without its mark, else in Windows' own charset.

    What fills the file up behind its end is none of it.
    """
    return _decoded(data).rstrip(_FILLING)


def _decoded(data: bytes) -> str:
    """A list is mostly of ASCII, so in UTF-16 half of its bytes are 0."""
    if data[:2] not in _MARKS_UTF_16:
        for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            high, low = data[first:_SAMPLE:2], data[1 - first : _SAMPLE : 2]
            if high and high.count(0) > len(high) // 2 > low.count(0):
                return data.decode(encoding, errors="replace")
    try:
        return text_of(data)
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
