"""How an edit decision list names what it plays: reels of eight characters, names and files."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from opentimelineio import schema

from otio_hpm.errors import MediaError
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.clip_source import first_reel
from otio_hpm.timeline.media_url import file_name, is_windows, local_paths
from otio_hpm.timeline.takes import is_score_clip

BLACK = "BL"
BARS = "BARS"
UNKNOWN = "AX"
"""An auxiliary source, which is no tape."""

_REEL = re.compile(r"[A-Za-z0-9_.-]{1,8}")
_LENGTH = 8
_ENDS = str.maketrans("\0\x1a", "  ")
"""Characters with which a file ends for some systems."""
_TAKEN = frozenset({"AX", "BL", "BLACK", "BARS"})


class Reels:
    """Reel names of eight characters, one for each source; as CMX 3600 has them."""

    def __init__(self, losses: Losses) -> None:
        self._losses = losses
        self._named: dict[str, str] = {}
        self._taken = set(_TAKEN)
        self._last_number: Counter[str] = Counter()
        """By the short name that was taken, so that no number is tried twice."""

    def of(self, item: Any) -> str:
        """The reel of an item."""
        reference = getattr(item, "media_reference", None)
        if isinstance(item, schema.Gap):
            return BLACK
        if isinstance(reference, schema.GeneratorReference):
            return {"black": BLACK, "SMPTEBars": BARS}.get(reference.generator_kind, UNKNOWN)
        if own := reel_of(item):
            if not _REEL.fullmatch(own):
                words = f"reel names are cut to {_LENGTH} characters"
                self._losses.add(words, f"{own} is {self._short(own)}")
            return self._short(own)
        name = file_name_of(item)
        return self._short(name.rpartition(".")[0] or name) if name else UNKNOWN

    def _short(self, full: str) -> str:
        if full not in self._named:
            self._named[full] = self._free(full)
        return self._named[full]

    def _free(self, full: str) -> str:
        """A short name that no other source has, with a number at its end if need be."""
        short = full if _REEL.fullmatch(full) else re.sub(r"[^A-Za-z0-9]", "", full)[:_LENGTH]
        wanted = short
        while not wanted or wanted.upper() in self._taken:
            self._last_number[short] += 1
            number = str(self._last_number[short])
            wanted = f"{short[: _LENGTH - len(number)]}{number}"
        self._taken.add(wanted.upper())
        return wanted


def kept_of(item: Any) -> Mapping[str, Any]:
    """What an item keeps of the list that it was read from."""
    kept = item.metadata.get("cmx_3600")
    return kept if isinstance(kept, Mapping) else {}


def reel_of(item: Any) -> str:
    """The reel that an item or its media names, on one line; what is ours has none."""
    kept = str(kept_of(item).get("reel") or "")
    if not kept and isinstance(item, schema.Clip) and not is_score_clip(item):
        kept = first_reel(item)
    return one_line(kept)


def comments_of(item: Any) -> list[str]:
    """Comment lines that an item keeps, each one line."""
    comments = kept_of(item).get("comments")
    if isinstance(comments, str) or not isinstance(comments, Iterable):
        return []
    return [line for comment in comments if (line := one_line(str(comment)))]


def file_name_of(item: Any) -> str:
    """File name of an item's media; empty where it has none."""
    return one_line(file_name(_path_text(item)))


def media_text(item: Any, delivery: Delivery) -> str:
    """Path or URL of an item's media as the list names it; empty where it has none."""
    text = one_line(_path_text(item))
    url = one_line(_url(item))
    is_here = text.startswith("/") and not is_windows(text)
    if delivery.paths == "relative" and is_here:
        return Path(os.path.relpath(text, delivery.path.absolute().parent)).as_posix()
    return url


def one_line(text: str) -> str:
    """Text without what would end its line, or the file."""
    return " ".join(text.translate(_ENDS).splitlines()).strip()


def _url(item: Any) -> str:
    """What a media reference names, with the numbers of its images as `[first-last]`."""
    reference = getattr(item, "media_reference", None)
    if isinstance(reference, schema.ImageSequenceReference):
        first, last = (
            f"{number:0{max(0, reference.frame_zero_padding)}d}"
            for number in (reference.start_frame, reference.end_frame())
        )
        base = reference.target_url_base.rstrip("/")
        name = f"{reference.name_prefix}[{first}-{last}]{reference.name_suffix}"
        return f"{base}/{name}" if base else name
    return str(getattr(reference, "target_url", None) or "")


def _path_text(item: Any) -> str:
    """The path that a media reference means; what it says, where that is no local file."""
    url = _url(item)
    try:
        return local_paths(url)[0] if url else ""
    except MediaError:
        return url
