"""Our tracks: what stands on them, what an editor did to it, and placing clips among it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opentimelineio import opentime, schema

from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import frames, nearest, rational, seconds
from otio_hpm.timeline.fades import child_at, fade_between, fades_changed, is_as_written
from otio_hpm.timeline.takes import COLOUR, KEY, facts_of, file_name, has_our_colour, is_score_clip
from otio_hpm.timeline.told import listed, number
from otio_hpm.timeline.tree import is_score_track

TRACK_NAME = "HPM Score"


@dataclass(frozen=True, kw_only=True)
class Placed:
    """One of our clips, where it stands now."""

    clip: Any
    track: ScoreTrack
    start_frames: int
    """Record frame, counted from the timeline's first frame."""
    end_frames: int

    @property
    def number(self) -> str:
        """The cue's number."""
        return str(facts_of(self.clip)["cue"])

    @property
    def is_restored(self) -> bool:
        """Whether its metadata were lost on the way and are those of its take's sidecar."""
        return facts_of(self.clip).get("restored") is True

    @property
    def fingerprint(self) -> str:
        """What decided the audio of its take."""
        return str(facts_of(self.clip).get("fingerprint"))

    def stands_at(self, start_frames: int, end_frames: int) -> bool:
        """Whether it has exactly that record range."""
        return (self.start_frames, self.end_frames) == (start_frames, end_frames)

    def touches(self) -> tuple[str, ...]:
        """What an editor did to it since it was written, in words; empty if nothing."""
        clip, facts = self.clip, facts_of(self.clip)
        start, end = (number(facts, f"record_{which}_frames", -1) for which in ("start", "end"))
        shown = frames(clip.trimmed_range().start_time, self.track.rate)
        takes = listed(facts, "takes")
        found = {
            "trimmed": end - start != self.end_frames - self.start_frames,
            "moved": start != self.start_frames,
            "slipped": shown != facts.get("source_start_frames"),
            "renamed": clip.name not in takes[-1:],
            "switched to another take": file_name(clip) in takes[:-1],
            "disabled": not clip.enabled,
            "coloured": clip.color is not None and not has_our_colour(clip),
            "given effects": len(clip.effects) > 0,
            "given markers": len(clip.markers) > 0,
            "given other fades": fades_changed(self.track.track, clip, self.track.rate),
            "put on a changed track": self.track.is_closed,
            "put on another track": not self.track.is_ours,
        }
        return tuple(words for words, is_so in found.items() if is_so)


class ScoreTrack:
    """One of our tracks, in record frames. `finish` after the last change."""

    def __init__(self, track: Any, cut: Cut) -> None:
        self.track = track
        self.rate = cut.rate
        self._end = cut.duration_frames
        trim = cut.timeline.tracks.source_range
        self._first = -frames(trim.start_time, cut.rate) if trim else 0
        """Record frame of the track's beginning: below 0 where the whole timeline is trimmed."""
        self._changed: set[int] = set()
        """Edit points whose transitions are to be written anew."""

    @property
    def lane(self) -> int:
        """0 for the first track; cues that overlap lie on further ones."""
        return int(number(facts_of(self.track), "lane"))

    @property
    def name(self) -> str:
        """As the editor sees it."""
        return str(self.track.name)

    @property
    def is_ours(self) -> bool:
        """Whether it is a score track, rather than one of the editor's with a clip of ours."""
        return is_score_track(self.track)

    @property
    def is_closed(self) -> bool:
        """Whether an editor gave the track a range or effects; nothing is placed on it then."""
        return self.track.source_range is not None or len(self.track.effects) > 0

    def clips(self) -> list[Placed]:
        """Our clips on it, in record order."""
        return [
            Placed(clip=item, track=self, start_frames=start, end_frames=end)
            for item, start, end in self._items()
            if is_score_clip(item)
        ]

    def has_room(self, start: int, end: int) -> bool:
        """Whether nothing but empty gaps stands between two record frames."""
        return not self.is_closed and all(
            _is_empty(item) for item, first, last in self._items() if first < end and last > start
        )

    def lift(self, placed: Placed) -> None:
        """Take a clip off, with its fades; all else stays where it is."""
        for beside in (1, -1):
            index = self.track.index(placed.clip) + beside
            if isinstance(child_at(self.track, index), schema.Transition):
                del self.track[index]
        index = self.track.index(placed.clip)
        self.track[index] = self._gap(placed.end_frames - placed.start_frames)
        self._changed |= {placed.start_frames, placed.end_frames}
        self._merge_gaps()

    def place(self, clip: Any, start: int, end: int) -> None:
        """Put a clip between two record frames, where there is room."""
        if (missing := end - self._length()) > 0:
            self.track.append(self._gap(missing))
        self._changed |= {start, end}
        self._drop_written_fades()
        self._merge_gaps()
        gap, first, last = next(i for i in self._items() if i[1] <= start and end <= i[2])
        index = self.track.index(gap)
        pieces = [self._gap(start - first), clip, self._gap(last - end)]
        self.track[index : index + 1] = [piece for piece in pieces if piece.duration().value > 0]

    def finish(self) -> None:
        """Write the fades at every edit point that changed, and a gap to the timeline's end."""
        length = self._length()
        if length in self._changed and length < self._end:
            self.track.append(self._gap(self._end - length))
        for position in sorted(self._changed):
            self._write_fade(position)
        self._changed.clear()

    def _write_fade(self, position: int) -> None:
        """Write the fade at an edit point, unless one is there."""
        items = list(self._items())
        left = next((item for item, _, end in items if end == position), None)
        right = next((item for item, start, _ in items if start == position), None)
        index = self.track.index(right) if right is not None else len(self.track)
        if isinstance(child_at(self.track, index - 1), schema.Transition):
            return
        if (fade := fade_between(left, right, self.rate)) is not None:
            self.track.insert(index, fade)

    def _drop_written_fades(self) -> None:
        """Remove our fades at changed edit points; those of an editor stay."""
        position: int | Fraction = self._first
        for child in list(self.track):
            if not isinstance(child, schema.Transition):
                position += self._frames_of(child)
            elif _nearest(position) in self._changed and is_as_written(child, self.rate):
                del self.track[self.track.index(child)]

    def _merge_gaps(self) -> None:
        """Make one gap of empty gaps side by side."""
        index = 1
        while index < len(self.track):
            left, right = self.track[index - 1], self.track[index]
            if _is_empty(left) and _is_empty(right):
                both = self._frames_of(left) + self._frames_of(right)
                self.track[index - 1 : index + 1] = [self._gap(_nearest(both))]
            else:
                index += 1

    def _items(self) -> Iterator[tuple[Any, int, int]]:
        """What stands on the track, transitions aside, with its record frames."""
        start: int | Fraction = self._first
        for child in list(self.track):
            if not isinstance(child, schema.Transition):
                end = start + self._frames_of(child)
                yield child, _nearest(start), _nearest(end)
                start = end

    def _frames_of(self, item: Any) -> int | Fraction:
        """Length of an item in frames; not whole where it has another rate."""
        length = item.duration()
        if length.rate == float(self.rate) and length.value.is_integer():
            return int(length.value)  # ours, and all others of a plain timeline: the fast way
        return seconds(length) * self.rate

    def _length(self) -> int:
        """Record frame at which the track ends."""
        return max((end for _, _, end in self._items()), default=self._first)

    def _gap(self, length: int) -> Any:
        span = opentime.TimeRange(rational(0, self.rate), rational(length, self.rate))
        return schema.Gap(source_range=span)


def score_tracks(timeline: Any, cut: Cut) -> list[ScoreTrack]:
    """Our tracks on a timeline that is `cut`'s or a copy of it, by lane."""
    found = [ScoreTrack(track, cut) for track in timeline.tracks if is_score_track(track)]
    return sorted(found, key=lambda track: track.lane)


def other_tracks(timeline: Any, cut: Cut) -> list[ScoreTrack]:
    """Tracks of such a timeline that are not ours, where an editor put clips of ours."""
    return [
        ScoreTrack(track, cut)
        for track in timeline.tracks
        if isinstance(track, schema.Track)
        if not is_score_track(track) and any(map(is_score_clip, track))
    ]


def standing_clips(timeline: Any, cut: Cut) -> list[Placed]:
    """All our clips on such a timeline, by track and record time."""
    tracks = (*score_tracks(timeline, cut), *other_tracks(timeline, cut))
    return [clip for track in tracks for clip in track.clips()]


def add_score_track(timeline: Any, cut: Cut, lane: int) -> ScoreTrack:
    """A new empty track of ours, after all others, so that the way to no other changes."""
    name = TRACK_NAME if lane == 0 else f"{TRACK_NAME} {lane + 1}"
    track = schema.Track(
        name=name, kind=schema.TrackKind.Audio, metadata={KEY: {"role": "score", "lane": lane}},
        color=COLOUR,
    )  # fmt: skip
    timeline.tracks.append(track)
    return ScoreTrack(track, cut)


def _nearest(frames: int | Fraction) -> int:
    return frames if isinstance(frames, int) else nearest(frames)


def _is_empty(item: Any) -> bool:
    """Whether it is a gap to which nobody attached anything."""
    attached = isinstance(item, schema.Gap) and (
        item.name or len(item.metadata) or len(item.markers) or len(item.effects)
    )
    return isinstance(item, schema.Gap) and not attached
