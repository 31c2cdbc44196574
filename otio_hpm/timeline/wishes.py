"""What an editor wishes of the music of a cue: hit points (HIT) and drawn dynamics (LEVEL).

A marker that begins with HIT is a moment that the music should meet; one that begins with LEVEL
and a number of dB is a point of its dynamics, as are the keyframes of a mark's `dynamics=`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fractions import Fraction

from otio_hpm.errors import MarkError
from otio_hpm.timeline.cue import IgnoredMark, LevelPoint
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.grouping import Draft
from otio_hpm.timeline.mark_values import level_of
from otio_hpm.timeline.marks import describe
from otio_hpm.timeline.placed_marks import PlacedMark


class WishFinder:
    """The hit points and levels of each draft of a cue."""

    def __init__(self, cut: Cut, placed: Sequence[PlacedMark], drafts: Sequence[Draft]) -> None:
        self._rate = cut.rate
        self._wishes = sorted(placed, key=lambda wish: wish.record_frames)
        self._frames = [wish.record_frames for wish in self._wishes]
        inside = {index for draft in drafts for index in self._under(draft)}
        outside = (wish for index, wish in enumerate(self._wishes) if index not in inside)
        self.ignored: list[IgnoredMark] = [wish.ignored("no cue is there") for wish in outside]
        self.warnings: list[str] = [text for draft in drafts for text in self._too_late(draft)]

    def hits(self, draft: Draft) -> tuple[int, ...]:
        """Record frames of the hit points inside a draft, in order."""
        return tuple(sorted({wish.record_frames for wish in self._of(draft, "hit")}))

    def levels(self, draft: Draft) -> tuple[LevelPoint, ...]:
        """The dynamics drawn inside a draft, by its marks and by LEVEL markers, in order.

        Raises MarkError for a LEVEL without a number, and one that contradicts another point.
        """
        length_s = self._length_s(draft)
        drawn = {p.at_s: p.level_db for p in _keyframes(draft) if p.at_s < length_s}
        for wish in self._of(draft, "level"):
            at_s = (wish.record_frames - draft.start_frames) / self._rate
            level_db = _level_db(wish)
            if drawn.setdefault(at_s, level_db) != level_db:
                raise MarkError(
                    f"{describe(wish)}: another level is drawn at the same moment",
                    hint="Move one of the two by a frame, or delete it.",
                )
        return tuple(LevelPoint(at_s=time, level_db=drawn[time]) for time in sorted(drawn))

    def _of(self, draft: Draft, word: str) -> Iterator[PlacedMark]:
        inside = (self._wishes[index] for index in self._under(draft))
        return (wish for wish in inside if wish.said.word == word)

    def _under(self, draft: Draft) -> range:
        """Indices of the wishes inside a draft."""
        ends = draft.start_frames, draft.end_frames
        return range(*(bisect_left(self._frames, frame) for frame in ends))

    def _too_late(self, draft: Draft) -> Iterator[str]:
        """What to say of keyframes that are not before a draft's out."""
        if any(point.at_s >= self._length_s(draft) for point in _keyframes(draft)):
            naming = next(found.mark for found in draft.marks if "dynamics" in found.values)
            yield f"{describe(naming)}: its dynamics= go on after the cue's out; ignored there"

    def _length_s(self, draft: Draft) -> Fraction:
        return (draft.end_frames - draft.start_frames) / self._rate


def _keyframes(draft: Draft) -> tuple[LevelPoint, ...]:
    drawn: tuple[LevelPoint, ...] = draft.values.get("dynamics", ())
    return drawn


def _level_db(wish: PlacedMark) -> Fraction:
    try:
        return level_of(wish.said.body)
    except ValueError as error:
        raise MarkError(
            f"{describe(wish)}: LEVEL is not followed by a level from -40 to 20 dB",
            hint="Write it as LEVEL -6 or LEVEL +3 dB; begin other notes with another word.",
        ) from error
