"""Speeds that change within a clip and are no ramps. They are not followed, which is told.

Written as an effect on time that is not linear, by Resolve as parameters of its "Retime and
Scaling", and by Final Cut Pro 7's format as the effect `timeremap`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from opentimelineio import schema

from otio_hpm.timeline.cue import Cue
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.ramps import ramp_of
from otio_hpm.timeline.tree import locate


def remap_warnings(cut: Cut, cues: Iterable[Cue]) -> Iterator[str]:
    """A sentence for each shot under a cue whose change of speed is not seen."""
    shots = {shot.locator: shot for cue in cues for shot in cue.shots}
    for locator, shot in shots.items():
        if _is_remapped(locate(cut.timeline, locator)):
            yield (
                f"clip {shot.name!r} at {cut.timecode(shot.start_frames)}: its time remap is not "
                "followed; its picture is seen at an even speed"
            )


def _is_remapped(clip: Any) -> bool:
    if ramp_of(clip) is not None:
        return False
    effects = [effect for effect in clip.effects or () if effect.enabled]
    if any(isinstance(effect, schema.LinearTimeWarp) for effect in effects):
        return False
    return any(isinstance(one, schema.TimeEffect) or _says_remap(one) for one in effects)


def _says_remap(effect: Any) -> bool:
    resolve, fcp = (effect.metadata.get(key) for key in ("Resolve_OTIO", "fcp_xml"))
    if isinstance(fcp, Mapping) and fcp.get("effectid") == "timeremap":
        return True
    retimes = isinstance(resolve, Mapping) and resolve.get("Effect Name") == "Retime and Scaling"
    return retimes and bool(resolve.get("Enabled", True) and resolve.get("Parameters"))
