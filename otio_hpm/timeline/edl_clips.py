"""Clips from the events of an edit decision list: name, media, grade, speed."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from otio_hpm.errors import TimelineError
from otio_hpm.timeline.edl_events import Event
from otio_hpm.timing import nominal

_TO_MEDIA = re.compile(r"TO (?:CLIP|FILE):\s*(.+)")
_SAME_SPEED = Fraction(1, 20)
_UNKNOWN_REEL = "AX"


def clip_of(event: Event, list_name: str) -> Any:
    """A clip with the event's name, media reference and metadata, but no time yet.

    What the lines under an event mean is read as the published EDL adapter does; of a transition
    it is the side that comes in. Raises TimelineError for a grade that cannot be read.
    """
    from otio_cmx3600_adapter import cmx_3600

    comments = cmx_3600.CommentHandler(event.comments)
    handled = _incoming(event, comments.handled, comments.unhandled)
    reel = event.reel.replace(" ", "_")
    try:
        parsed = cmx_3600.ClipHandler(f"{event.number} {reel} V C 0 0 0 0", handled, rate=24)
    except (cmx_3600.EDLParseError, ValueError) as error:
        raise TimelineError(f"{list_name}, line {event.line}: {error}") from error
    clip = parsed.clip
    if clip.name == event.number and event.reel != _UNKNOWN_REEL:
        clip.name = event.reel
    if "freeze_frame" in handled:
        clip.name = clip.name.removesuffix(" FF")
    clip.metadata.update(_metadata(event, comments.unhandled))
    return clip


def set_speed(clip: Any, event: Event, rate: Fraction) -> Fraction:
    """Give the clip its M2 speed as an OTIO effect; returns it (1 normal, 0 frozen)."""
    from opentimelineio import schema

    speed = _speed(event, rate)
    if speed == 0:
        clip.effects.append(schema.FreezeFrame())
    elif speed != 1:
        clip.effects.append(schema.LinearTimeWarp(time_scalar=float(speed)))
    return speed


def _incoming(event: Event, handled: dict[str, Any], unhandled: list[str]) -> dict[str, Any]:
    """The comments that describe the clip itself, not what it dissolves from."""
    to_media = next((m[1].strip() for line in unhandled if (m := _TO_MEDIA.match(line))), None)
    if event.edit == "C" or not (to_media or "dest_clip_name" in handled):
        return handled
    kept = {key: value for key, value in handled.items() if key != "media_reference"}
    return {**kept, "media_reference": to_media} if to_media else kept


def _metadata(event: Event, comments: list[str]) -> dict[str, Any]:
    """Metadata as the published adapter lays it out."""
    kept: dict[str, Any] = {"comments": comments} if comments else {}
    if event.reel != _UNKNOWN_REEL:
        kept["reel"] = event.reel
    return {"cmx_3600": kept} if kept else {}


def _speed(event: Event, rate: Fraction) -> Fraction:
    """Source frames per record frame; M2 counts in the rate's timecode base."""
    own = [fps for reel, fps in event.speeds if reel == event.reel]
    everything = own or [fps for _, fps in event.speeds]
    if not everything:
        return Fraction(1)
    fps = everything[-1]
    if min(abs(abs(fps) - rate), abs(abs(fps) - nominal(rate))) <= _SAME_SPEED:
        return Fraction(1 if fps > 0 else -1)
    return fps / nominal(rate)
