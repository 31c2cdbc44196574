"""From what is seen to spans of whole record frames, with everything wrong with them said."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from otio_hpm.errors import MediaError
from otio_hpm.settings import Missing
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import nearest
from otio_hpm.timeline.picture import Layer, MissingMedia, Picture, PictureSpan
from otio_hpm.timeline.stretch import Stretch
from otio_hpm.wording import listed

HOLD_FRAMES = 12
"""A shot may need this many record frames more than its media have; their last frame is held."""
_NAMED = 10
"""How many stretches of missing images a warning names."""


def recorded(
    seen: Sequence[Stretch],
    start_frames: int,
    end_frames: int,
    cut: Cut,
    missing: Missing,
) -> Picture:
    """The picture from one record frame to another, black where nothing is seen.

    Raises MediaError for absent media, as `missing` says, and for media that are too short.
    """
    absences = list(_absences(seen, cut, missing))
    spans = list(_spans(seen, cut.rate))
    return Picture(
        spans=tuple(_filled(spans, start_frames, end_frames)),
        looked_through=tuple(dict.fromkeys(words for s in seen for words in s.passed)),
        warnings=tuple(dict.fromkeys([*absences, *_held_images(spans), *_overruns(spans, cut)])),
    )


def _absences(seen: Iterable[Stretch], cut: Cut, missing: Missing) -> Iterator[str]:
    for stretch in seen:
        for clip in stretch.absent:
            timecode = cut.timecode(nearest(stretch.start_s * cut.rate))
            message = f"{clip} at {timecode} has no media"
            if missing in ("error", "skip"):
                raise (MissingMedia if missing == "skip" else MediaError)(
                    message,
                    hint="--media-dir names folders to search, --path-map OLD=NEW moves paths, "
                    "--missing below, black or skip goes on without; spot lists all",
                )
            yield f"{message}; black is taken"


def _spans(seen: Iterable[Stretch], rate: Fraction) -> Iterator[PictureSpan]:
    """Where something is seen; an edit between frames goes to the nearest, as shots do."""
    for stretch in seen:
        first, end = nearest(stretch.start_s * rate), nearest(stretch.end_s * rate)
        settled = stretch.settled()
        if end > first and settled.layers:
            shown = settled.part(max(stretch.start_s, first / rate), end / rate)
            yield PictureSpan(start_frames=first, end_frames=end, layers=shown.layers)


def _filled(spans: Iterable[PictureSpan], start: int, end: int) -> Iterator[PictureSpan]:
    """The spans with black around them, in one piece whether the timeline ends in it or not."""
    position = start
    for span in spans:
        if span.start_frames > position:
            yield PictureSpan(start_frames=position, end_frames=span.start_frames, layers=())
        yield span
        position = span.end_frames
    if end > position:
        yield PictureSpan(start_frames=position, end_frames=end, layers=())


def _held_images(spans: Iterable[PictureSpan]) -> Iterator[str]:
    """A warning for every clip that holds one image of a sequence, because others are missing."""
    for layer in (layer for span in spans for layer in span.layers):
        if missing := layer.media.missing:
            yield (
                f"clip {layer.name!r}: {_not_there(missing)}, so "
                f"{layer.media.path.name} is held as a still"
            )


def _not_there(missing: Sequence[range]) -> str:
    each = [f"{n[0]}" if n[0] == n[-1] else f"{n[0]} to {n[-1]}" for n in missing[:_NAMED]]
    if rest := sum(n.stop - n.start for n in missing[_NAMED:]):
        each.append(f"{rest} more")
    noun, verb = ("image", "is") if each == [f"{missing[0][0]}"] else ("images", "are")
    return f"{noun} {listed(each)} of its sequence {verb} not there"


def _overruns(spans: Iterable[PictureSpan], cut: Cut) -> Iterator[str]:
    """A warning for every clip whose media are a little too short."""
    most: dict[tuple[str, str], int] = {}
    for span in spans:
        for layer in span.layers:
            before, after = beyond(layer, span.end_frames - span.start_frames, cut.rate)
            _check_overrun(layer, before, "before the beginning", span, cut)
            _check_overrun(layer, after, "after the end", span, cut)
            for frames, side in ((before, "first"), (after, "last")):
                key = layer.name, side
                most[key] = max(frames, most.get(key, 0))
    for (name, side), frames in most.items():
        if frames:
            yield f"clip {name!r}: the {side} frame of its media is held for {frames} frames"


def _check_overrun(layer: Layer, frames: int, where: str, span: PictureSpan, cut: Cut) -> None:
    if frames > HOLD_FRAMES:
        lasts = float(layer.media.duration_s or 0)
        raise MediaError(
            f"clip {layer.name!r} at {cut.timecode(span.start_frames)} needs picture {frames} "
            f"frames {where} of {layer.media.path}, which lasts {lasts:.3f} s",
            hint="relink the clip to the right media; if the file's timecode is not that of the "
            "timeline, export the timeline with the media's available range",
        )


def beyond(layer: Layer, frames: int, rate: Fraction) -> tuple[int, int]:
    """How many of a layer's record frames lie before its media's first and after its last."""
    if layer.media.kind == "still" or layer.media.duration_s is None:
        return 0, 0
    step = (abs(layer.speed) or Fraction(1)) / rate
    ends = layer.at(Fraction(0)), layer.at((frames - 1) / rate)
    back = step if layer.speed < 0 else 0
    first, last = min(ends) - back, max(ends) - back
    slack = min(step, 1 / (layer.media.rate or rate)) / 8
    excess = last - layer.media.duration_s + slack
    return (
        max(0, math.ceil((-first - slack) / step)),
        math.floor(excess / step) + 1 if excess > 0 else 0,
    )
