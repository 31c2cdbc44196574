"""Marked stretches of a timeline as segments.

What is a mark, and the range it means, is as in spotting. A mark may say film, composer, title and
genres, and `audio`: a file with the score (which begins at the mark, or at `audio_in` of the file),
or the name of an audio track. What it does not say is looked for in the metadata of the clip that
it is on and of the timeline, in these words, also one level below; a film that has no name is the
timeline's. Without `audio` all audio tracks are heard, and where there is nothing on them, the
sound of the picture's own files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from opentimelineio import schema

from otio_hpm.dataset.clip import Facts
from otio_hpm.dataset.segment import Segment, SoundPart
from otio_hpm.dataset.sheet import genres_of
from otio_hpm.errors import DatasetError, HpmError, MarkError
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.listed_markers import with_listed_markers
from otio_hpm.timeline.marked import MarkedRange, MarkFinder
from otio_hpm.timeline.marks import describe, located
from otio_hpm.timeline.media import MediaFile, MediaFinder
from otio_hpm.timeline.named_files import NamedFiles
from otio_hpm.timeline.picture import Picture
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.shots import VisibleShots
from otio_hpm.timeline.tree import Place, speed_of, walk
from otio_hpm.timeline.visible import picture_under
from otio_hpm.timing import parse_duration

_KEYS = frozenset({"film", "composer", "title", "genres", "audio", "audio_in"})


@dataclass(frozen=True, kw_only=True)
class MarkedFilm:
    """The segments of a timeline."""

    segments: tuple[Segment, ...]
    warnings: tuple[str, ...]


def read_marked(path: Path, settings: Settings) -> MarkedFilm:
    """The marked stretches of a timeline, in record order.

    Raises TimelineError, MarkError, MediaError and DatasetError.
    """
    cut = with_listed_markers(read_cut(path, settings), settings.spotting)
    finder = MediaFinder(cut.folder, settings.media, cut.bundled)
    places = list(walk(cut))
    visible = VisibleShots(places, finder)
    marks = MarkFinder(cut, settings.spotting, places, visible, _KEYS)
    if not marks.found:
        raise marks.nothing_found()
    film = _Film(cut, settings, finder, places)
    found = sorted(marks.found, key=lambda one: (one.start_frames, one.end_frames))
    left = (f"{one.text!r} at {one.timecode}: {one.reason}" for one in marks.ignored)
    return MarkedFilm(
        segments=tuple(map(film.segment, found)),
        warnings=(*cut.warnings, *marks.warnings, *left),
    )


class _Film:
    """A timeline of a film."""

    def __init__(
        self, cut: Cut, settings: Settings, finder: MediaFinder, places: list[Place]
    ) -> None:
        self._cut = cut
        self._settings = settings
        self._finder = finder
        self._files = NamedFiles(finder=finder, kind="audio", error=DatasetError)
        self._heard = [place for place in places if _is_heard(place)]

    def segment(self, marked: MarkedRange) -> Segment:
        """What a mark means. Raises MarkError naming it."""
        try:
            return self._segment(marked)
        except HpmError as error:
            raise located(marked.mark, MarkError(error.message, hint=error.hint)) from error

    def _segment(self, marked: MarkedRange) -> Segment:
        start, end = marked.start_frames, marked.end_frames
        missing = self._settings.media.missing
        picture = picture_under(self._cut, start, end, self._finder, missing)
        return Segment(
            facts=self._facts(marked),
            source=self._cut.path.name,
            where=describe(marked.mark),
            start_s=start / self._cut.rate,
            duration_s=(end - start) / self._cut.rate,
            picture=picture,
            first_frame=start,
            rate=self._cut.rate,
            sound=self._sound(marked, picture),
        )

    def _facts(self, marked: MarkedRange) -> Facts:
        said = marked.mark.settings
        holders = (marked.place.item.metadata, self._cut.timeline.metadata)
        texts = {
            key: said.get(key) or next(filter(None, (_told(h, key) for h in holders)), "")
            for key in ("film", "composer", "title", "genres")
        }
        film = texts["film"] or self._cut.timeline.name or self._cut.path.stem
        return Facts(
            film=film,
            composer=texts["composer"],
            title=texts["title"],
            genres=genres_of(texts["genres"]),
        )

    def _sound(self, marked: MarkedRange, picture: Picture) -> tuple[SoundPart, ...]:
        name = marked.mark.settings.get("audio")
        if name is None:
            parts = self._parts(marked, self._heard) or tuple(_own_sound(picture, self._cut.rate))
            if not parts:
                raise DatasetError(
                    "there is no sound under it", hint='Name the file of its score: audio="FILE".'
                )
            return parts
        path = self._files.of_mark(name)
        if path is not None:
            return (self._named(marked, path),)
        track = [place for place in self._heard if place.track.casefold() == name.casefold()]
        if not track:
            raise self._files.not_found(name)
        return self._parts(marked, track)

    def _named(self, marked: MarkedRange, path: Path) -> SoundPart:
        if not self._finder.probe(path).has_audio:
            raise DatasetError(f"{path} has no sound")
        text = marked.mark.settings.get("audio_in", "0")
        try:
            start_s = parse_duration(text, self._cut.rate)
        except (ValueError, ZeroDivisionError) as error:
            raise DatasetError(
                f"audio_in={text} is no time", hint="Try 61.5 or 0:01:01.5."
            ) from error
        length_s = (marked.end_frames - marked.start_frames) / self._cut.rate
        return SoundPart(path=path, start_s=start_s, duration_s=length_s)

    def _parts(self, marked: MarkedRange, places: Iterable[Place]) -> tuple[SoundPart, ...]:
        """What the audio clips under a mark play; what two tracks have alike, once."""
        parts = (self._part(place, marked) for place in places)
        return tuple(dict.fromkeys(part for part in parts if part))

    def _part(self, place: Place, marked: MarkedRange) -> SoundPart | None:
        first = max(place.start, Fraction(marked.start_frames))
        last = min(place.end, Fraction(marked.end_frames))
        if last <= first:
            return None
        media = self._sound_of(place)
        available = place.item.media_reference.available_range
        origin_s = seconds(available.start_time) if available else media.start_s or Fraction(0)
        own_s = place.origin_s + (first - place.anchor) / self._cut.rate
        return SoundPart(
            path=media.path,
            start_s=own_s - origin_s,
            at_s=(first - marked.start_frames) / self._cut.rate,
            duration_s=(last - first) / self._cut.rate,
        )

    def _sound_of(self, place: Place) -> MediaFile:
        """The media of a sound clip. Raises DatasetError for what cannot be cut out of them."""
        media = self._finder.media(place.item.media_reference)
        if media is None or not media.has_audio:
            raise DatasetError(
                f"the sound of {place.item.name!r} on {place.track} is not there",
                hint="Name its folder with --media-dir, or its score with audio=.",
            )
        if speed_of(place.item) != 1:
            raise DatasetError(
                f"{place.item.name!r} on {place.track} does not play at its own speed",
                hint="Name the score with audio=, a file or another track.",
            )
        return media


def _own_sound(picture: Picture, rate: Fraction) -> Iterator[SoundPart]:
    """The sound of what is seen, where it runs at its own speed."""
    begin = picture.spans[0].start_frames
    for span in picture.spans:
        for layer in span.layers[-1:]:
            if layer.media.has_audio and layer.speed == 1:
                yield SoundPart(
                    path=layer.media.path,
                    start_s=layer.media_start_s,
                    at_s=(span.start_frames - begin) / rate,
                    duration_s=(span.end_frames - span.start_frames) / rate,
                )


def _is_heard(place: Place) -> bool:
    return place.is_clip and place.enabled and place.kind == schema.TrackKind.Audio


def _told(metadata: Any, key: str) -> str:
    """A text in metadata or in a vendor's part of it; lists become one text."""
    groups = [metadata, *(value for value in metadata.values() if isinstance(value, Mapping))]
    for group in groups:
        for name, value in group.items():
            if str(name).casefold() == key:
                return value if isinstance(value, str) else "; ".join(map(str, value or ()))
    return ""
