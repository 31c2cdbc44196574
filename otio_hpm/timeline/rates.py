"""The frame rate of a timeline: stated, in its own times, or that of its media."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from otio_hpm.errors import MediaError, SettingsError, TimelineError
from otio_hpm.settings import Settings
from otio_hpm.timeline.dialects import stated_rate
from otio_hpm.timeline.exact import seconds
from otio_hpm.timing import FRAME_RATES, format_rate, snap_rate


def find_rate(timeline: Any, path: Path, settings: Settings) -> tuple[Fraction, str]:
    """The rate of a timeline read from `path`, and where it was found, in words.

    Values that are no frame rates (1, 24000, 48000) are passed over. Raises TimelineError, listing
    the candidates, where nothing tells.
    """
    return (
        wanted_rate(settings)
        or own_rate(timeline)
        or _settled_by_media(timeline, path, settings)
        or _commonest(_items(timeline, video_only=False), "items")
        or _refuse(path, _fitting(timeline))
    )


def own_rate(timeline: Any) -> tuple[Fraction, str] | None:
    """The rate that a timeline's own metadata and times tell."""
    return (
        stated_rate(timeline)
        or _start_rate(timeline)
        or _commonest(_items(timeline, video_only=True), "video items")
    )


def wanted_rate(settings: Settings) -> tuple[Fraction, str] | None:
    """The rate that the settings ask for."""
    wanted = settings.spotting.rate
    if wanted is None:
        return None
    rate = snap_rate(wanted)
    if rate is None:
        raise SettingsError(
            f"{format_rate(wanted)} is no frame rate", hint=f"frame rates: {_listed(FRAME_RATES)}"
        )
    return rate, "the rate setting"


def media_rates(clips: Iterable[Any], path: Path, settings: Settings) -> set[Fraction]:
    """Frame rates of the clips' media, or of all files of their reels, where no more is known.

    Media missing or not readable have no say here.
    """
    from otio_hpm.timeline.media import MediaFinder

    finder = MediaFinder(path.parent, settings.media)
    found: set[Fraction] = set()
    for clip in clips:
        try:
            media = finder.media_of(clip)
            rates = {media.rate} if media else finder.reel_rates(clip)
        except MediaError:
            continue  # reported with its clip, when its picture is wanted
        found |= {snapped for rate in rates if rate and (snapped := snap_rate(rate))}
    return found


def refuse_rate(path: Path, candidates: Iterable[Fraction], reason: str = "") -> TimelineError:
    """The error for a rate that is not known."""
    because = f": {reason}" if reason else ""
    return TimelineError(
        f"the frame rate of {path.name} is not known{because}; candidates: {_listed(candidates)}",
        hint="give it with --rate, or as `rate` to OpenTimelineIO's adapter",
    )


def _refuse(path: Path, candidates: Iterable[Fraction]) -> tuple[Fraction, str]:
    raise refuse_rate(path, candidates)


def _listed(rates: Iterable[Fraction]) -> str:
    return ", ".join(map(format_rate, sorted(rates)))


def _start_rate(timeline: Any) -> tuple[Fraction, str] | None:
    start = timeline.global_start_time
    rate = snap_rate(start.rate) if start is not None else None
    return (rate, "the timeline's start time") if rate else None


def _commonest(items: Iterable[Any], what: str) -> tuple[Fraction, str] | None:
    ranges = (item.source_range for item in items)
    votes = Counter(r for r in (snap_rate(x.duration.rate) for x in ranges if x) if r)
    if not votes:
        return None
    rate, count = votes.most_common(1)[0]
    return rate, f"{count} of the timeline's {votes.total()} {what}"


def _settled_by_media(timeline: Any, path: Path, settings: Settings) -> tuple[Fraction, str] | None:
    clips = (item for item in _items(timeline, video_only=True) if hasattr(item, "media_reference"))
    found = media_rates(clips, path, settings)
    if len(found) > 1:
        raise refuse_rate(path, found, "its media disagree")
    return (found.pop(), "the media, which agree") if found else None


def _items(timeline: Any, *, video_only: bool) -> Iterator[Any]:
    """Clips, gaps and nested compositions of the timeline, in order, without transitions."""
    waiting = [timeline.tracks]
    while waiting:
        node = waiting.pop()
        if video_only and getattr(node, "kind", "Video") != "Video":
            continue
        for child in node:
            if hasattr(child, "source_range"):
                yield child
            if hasattr(child, "__iter__"):
                waiting.append(child)


def _fitting(timeline: Any) -> list[Fraction]:
    """The rates at which every item is whole frames long; all rates if that tells nothing."""
    ranges = [item.source_range for item in _items(timeline, video_only=False)]
    lengths = {seconds(r.duration) for r in ranges if r}
    fitting = [rate for rate in FRAME_RATES if all((n * rate).denominator == 1 for n in lengths)]
    return fitting or list(FRAME_RATES)
