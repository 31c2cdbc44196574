"""How many channels an audio track has, and which of its media's each clip plays on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from otio_hpm.interchange.fcp7.kept import KEY, children, kept_of, within
from otio_hpm.interchange.fcp7.values import parse_number
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.tree import is_score_track

TYPES = {1: "Mono", 2: "Stereo", 6: "5.1"}
"""Premiere's premiereTrackType."""

_RESOLVE = {"mono": 1, "stereo": 2, "5.1": 6, "5.1film": 6, "7.1": 8, "7.1film": 8}
_MOST = 32


def channels_of(track: Any, losses: Losses) -> int:
    """Channels of an audio track: as its system states them, else two, which is said."""
    kept = kept_of(track)
    count = parse_number(str(kept.get("@totalExplodedTrackCount", "1")))
    if KEY in track.metadata:
        return int(count) if count and 1 <= count <= _MOST else 1
    if is_score_track(track):
        return 2
    resolve = track.metadata.get("Resolve_OTIO")
    said = resolve.get("Audio Type") if isinstance(resolve, Mapping) else None
    if said is not None and (known := _RESOLVE.get(str(said).casefold())):
        return known
    losses.add("tracks that do not say their channels are written as stereo", repr(track.name))
    return 2


def channels_played(clip: Any, count: int) -> int:
    """On how many of its track's channels a clip is written: a mono clip on the first alone."""
    return 1 if kept_of(clip).get("@premiereChannelType") == "mono" else count


def source_track(clip: Any, channel: int) -> str:
    """The media's audio channel, from "1", that a clip plays on a channel of its track, from 0."""
    sources = list(children(kept_of(clip), "sourcetrack"))
    said = within(sources[channel], "trackindex") if channel < len(sources) else None
    return str(said) if said else str(channel + 1)
