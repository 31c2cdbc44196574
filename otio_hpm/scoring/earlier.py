"""The takes that a timeline brings along from earlier runs, wherever their files are."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from otio_hpm.errors import MediaError
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.score_tracks import standing_clips
from otio_hpm.timeline.takes import takes_in


def earlier_takes(cut: Cut, finder: MediaFinder) -> dict[str, list[Path]]:
    """Per cue number, the audio files of its takes that are still there."""
    found: dict[str, list[Path]] = defaultdict(list)
    for placed in standing_clips(cut.timeline, cut):
        for reference in takes_in(placed.clip).values():
            try:
                path = finder.find(reference)
            except MediaError:  # relinked by someone to what is no file: not a take of ours
                continue
            if isinstance(path, Path):
                found[placed.number].append(path)
    return found
