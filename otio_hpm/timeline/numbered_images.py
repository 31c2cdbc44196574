"""The image sequence that a timeline means by one of its images.

Avid, Nucoda and Premiere name a sequence in lists by one file, `shot.0086400.dpx`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from otio_hpm.timeline.clip_source import source_span_s
from otio_hpm.timeline.exact import exact_rate, seconds
from otio_hpm.timeline.found import Found, FoundImages
from otio_hpm.timeline.image_runs import ImageRun, image_runs, number_of
from otio_hpm.timeline.source_time import file_seconds, source_range

if TYPE_CHECKING:
    from otio_hpm.timeline.source_facts import SourceFacts


class NumberedImages:
    """Finds the sequences of images; each folder is read once."""

    def __init__(self, facts_of: Callable[[Iterable[Path]], Mapping[Path, SourceFacts]]) -> None:
        self._facts_of = facts_of
        self._runs: dict[Path, dict[str, ImageRun]] = {}

    def followed(self, found: Found, clip: Any) -> Found:
        """The sequence of an image that was found, where it covers what the clip plays.

        Where it does not, the image stays as it was found, and what is missing is told. One without
        others of its name, and that of a clip of one frame, is a still.
        """
        run = self._run_of(found.path)
        if run is None or found.images is not None or not _is_longer_than_a_frame(clip):
            return found
        if run.there == (range(run.number, run.number + 1),):
            return found
        rate = exact_rate(source_range(clip).start_time.rate)
        facts = self._facts(run, rate)
        rate = facts.rate or rate
        readings = list(_readings(clip, run, found.path.name, rate, facts.start_s))
        for first, start_s in readings:
            files = run.files[first:]
            if _covers(clip, start_s, len(files), rate):
                is_own = first == 0 and start_s == facts.start_s
                timecode = facts.timecode if is_own else None
                images = FoundImages(files=files, rate=rate, timecode=timecode)
                return Found(path=files[0], rule="numbered image", start_s=start_s, images=images)
        return dataclasses.replace(found, missing=_missing(clip, run, readings, rate))

    def _facts(self, run: ImageRun, rate: Fraction) -> SourceFacts:
        """What the first image says of all, at `rate` where it tells none."""
        from otio_hpm.timeline.source_facts import SourceFacts

        facts = self._facts_of([run.first]).get(run.first) or SourceFacts()
        return facts.of_sequence(len(run.names), rate)

    def _run_of(self, path: Path) -> ImageRun | None:
        """The run of images that a file is of; None where it is no numbered image."""
        if number_of(path.name) is None:
            return None
        if path.parent not in self._runs:
            runs = image_runs(sorted(path.parent.iterdir()))
            self._runs[path.parent] = {name: run for run in runs for name in run.names}
        return self._runs[path.parent].get(path.name)


def _readings(
    clip: Any, run: ImageRun, name: str, rate: Fraction, own_s: Fraction | None
) -> Iterator[tuple[int, Fraction]]:
    """What the source time may be: an image by its place in the run, and its time. Best first.

    The timeline's word for where the media begin goes before the images' own timecode, as for
    movies; then their numbers count frames, but from 1 on those of a file. Where nothing says
    more, the image that is named is the first, or else the one at the clip's in.
    """
    named = run.names.index(name)
    available = clip.media_reference.available_range if clip.media_reference else None
    if available is not None:
        yield named, file_seconds(available.start_time, rate)
    if own_s is not None:
        yield 0, own_s
    yield 0, (run.number if run.number != 1 else 0) / rate
    yield named, Fraction(0)
    yield named, file_seconds(source_range(clip).start_time, rate)


def _missing(
    clip: Any, run: ImageRun, readings: Iterable[tuple[int, Fraction]], rate: Fraction
) -> tuple[range, ...]:
    """What a clip plays and is not there, by the first reading in which it plays any image."""
    span = source_span_s(clip, rate)
    if span is None:
        return ()
    for first, start_s in readings:
        from_image, to_image = ((edge_s - start_s) * rate + run.number + first for edge_s in span)
        wanted = range(math.floor(from_image), math.ceil(to_image))
        missing = run.missing(wanted)
        if missing != (wanted,):
            return missing
    return ()


def _is_longer_than_a_frame(clip: Any) -> bool:
    shown = source_range(clip)
    if shown is None or shown.start_time.rate <= 0 or shown.duration.rate <= 0:
        return False
    return seconds(shown.duration) * exact_rate(shown.start_time.rate) > 1


def _covers(clip: Any, start_s: Fraction, count: int, rate: Fraction) -> bool:
    span = source_span_s(clip, rate)
    return span is not None and start_s <= span[0] and span[1] <= start_s + count / rate
