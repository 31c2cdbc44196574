"""The spotting of a timeline as a list of markers, from which the same cues come again.

One marker for each cue, from in to out, with its number and all that its marks set; and each HIT
and LEVEL as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from opentimelineio import schema

from otio_hpm.errors import MarkError
from otio_hpm.interchange.exchange import Written
from otio_hpm.interchange.marker_files import has_settings, write_marker_file
from otio_hpm.interchange.marker_list import Clock, ListedMarker
from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.cue import Cue, CueSheet
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import nearest
from otio_hpm.timeline.marks import MarkChoice, parse_mark, read_text, texts_of
from otio_hpm.timeline.placed_marks import PlacedMark
from otio_hpm.timeline.superseded import facts_of_list, spotted_marks
from otio_hpm.timeline.tree import locate, walk

_SCORE = "SCORE"
_QUOTES = ("{}", '"{}"', "'{}'", "“{}”", "«{}»")
"""Ways to write a text that holds spaces, equals signs or quotes."""
_OF_THE_CUE = ("cue", "range")
"""Keys whose values are the cue's own number, and its in and out."""


def spotting_file(cut: Cut, sheet: CueSheet, settings: SpottingSettings, path: Path) -> Written:
    """The spotting of `cut` as a file of markers, in the format of the ending of `path`.

    Raises SettingsError for an ending that is not written.
    """
    spotted = _Spotted(cut, settings)
    markers = [*map(spotted.of_cue, sheet.cues), *spotted.wishes()]
    markers.sort(key=lambda marker: (marker.in_frames, -marker.out_frames))
    if not has_settings(path):
        markers = [_in_one_text(marker) for marker in markers]
    clock = Clock(rate=cut.rate, drop_frame=cut.drop_frame)
    written = write_marker_file(markers, path, clock, cut.timeline.name or cut.path.stem)
    return replace(written, losses=(*spotted.losses, *written.losses))


@dataclass(frozen=True, kw_only=True)
class _Words:
    """What a marker has to say: its name, note and settings."""

    name: str
    note: str
    settings: str


class _Spotted:
    """Cues and wishes of one timeline as markers."""

    def __init__(self, cut: Cut, settings: SpottingSettings) -> None:
        self._cut = cut
        self._choice = MarkChoice(settings)
        self._pattern = re.compile(settings.mark) if settings.mark is not None else None
        self.losses: list[str] = []

    def of_cue(self, cue: Cue) -> ListedMarker:
        """A cue as one mark."""
        marker = locate(self._cut.timeline, cue.marks[0].locator) if cue.marks else None
        words = self._words_of(cue, marker)
        color, original = _colors(marker)
        return ListedMarker(
            in_frames=cue.start_frames + self._cut.start_frames,
            out_frames=cue.end_frames + self._cut.start_frames,
            name=words.name,
            note=words.note,
            settings=words.settings,
            color=color,
            original_color=original,
        )

    def wishes(self) -> Iterator[ListedMarker]:
        """Each marker that says HIT or LEVEL on what is seen, once."""
        done = set()
        for placed in spotted_marks(self._cut, list(walk(self._cut)), self._choice):
            if placed.said.word == "score" or placed.uncounted_because or placed.locator in done:
                continue
            done.add(placed.locator)
            yield self._of_wish(placed)

    def _of_wish(self, placed: PlacedMark) -> ListedMarker:
        marker = locate(self._cut.timeline, placed.locator)
        name, *notes = texts_of(marker)
        color, original = _colors(marker)
        start = placed.record_frames + self._cut.start_frames
        length = nearest(placed.end - placed.start) if placed.has_length else 0
        return ListedMarker(
            in_frames=start,
            out_frames=start + length,
            name=name,
            note=" ".join(notes),
            color=color,
            original_color=original,
        )

    def _words_of(self, cue: Cue, marker: Any) -> _Words:
        """Words from which spotting reads the cue's settings and note again."""
        said = {key: text for mark in cue.marks for key, text in mark.settings.items()}
        settings = {"cue": cue.number} | {k: v for k, v in said.items() if k not in _OF_THE_CUE}
        name, spelled = self._heading(marker), _spelled(settings)
        for quoted in (way.format(cue.note) for way in _QUOTES):
            for texts in ((name, quoted), (f"{name} {quoted}", "")):
                words = _Words(name=texts[0], note=texts[1], settings=spelled)
                if self._reads(words, marker) == (settings, cue.note):
                    return words
        self.losses.append(f"cue {cue.number}: its settings and note do not come back as they are")
        return _Words(name=name, note=cue.note, settings=spelled)

    def _heading(self, marker: Any) -> str:
        """The word that makes a mark: SCORE, or what `--mark` found in the marker."""
        if self._pattern is None or marker is None:
            return _SCORE
        for text in texts_of(marker):
            if (match := self._pattern.search(text)) and self._pattern.search(match[0].strip()):
                return match[0].strip() or _SCORE
        return _SCORE

    def _reads(self, words: _Words, marker: Any) -> tuple[dict[str, str], str] | None:
        """Settings and note of a marker with these words; None where it would be no mark."""
        probe = schema.Marker(
            name=words.name,
            comment=words.note,
            color=marker.color if marker else "",
            metadata={"otio_hpm": {"settings": words.settings}},
        )
        try:
            said = self._choice.read(probe)
            return read_text(said) if said else None
        except MarkError:
            return None


def _spelled(settings: Mapping[str, str]) -> str:
    """Settings as a mark's text; a value is quoted where it has to be."""
    return " ".join(f"{key}={_quoted(key, value)}" for key, value in settings.items())


def _quoted(key: str, value: str) -> str:
    for quoted in (way.format(value) for way in _QUOTES):
        try:
            if parse_mark(f"{key}={quoted} and") == ({key: value}, "and"):
                return quoted
        except MarkError:
            continue
    return value


def _in_one_text(marker: ListedMarker) -> ListedMarker:
    """The marker with its settings in its text, where a mark's text is read.

    That is what follows its first word, or its note where nothing follows it.
    """
    told = " ".join(filter(None, (marker.settings, marker.note)))
    if not marker.settings:
        return marker
    if marker.name == _SCORE:
        return replace(marker, settings="", note=told)
    return replace(marker, settings="", note="", name=f"{marker.name} {told}")


def _colors(marker: Any) -> tuple[str, str]:
    """The colour of a marker, and the word for it in the list that it came from."""
    if marker is None:
        return "", ""
    return str(marker.color or ""), str(facts_of_list(marker).get("color", ""))
