"""DaVinci Resolve's .otio, as Resolve itself exports it.

A track says of what its channels are; a clip which channels of its file it plays, by their numbers,
and what it is linked to. Level and fades are parameters of the clip's effect "Fairlight Clip Volume
and Fades": `volume` in dB, `faderIn` and `faderOut` in frames. A crossfade is a transition. Media
are named by plain paths. Other keys of the same metadata are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeGuard

from opentimelineio import schema

from otio_hpm.interchange.dialects.frames import fade_frames, round_fade
from otio_hpm.interchange.dialects.ours import is_open, is_our_fade
from otio_hpm.timeline.fades import child_at
from otio_hpm.timeline.takes import facts_of, is_score_clip

KEY = "Resolve_OTIO"
VOLUME = "Fairlight Clip Volume and Fades"
FADERS = ("faderIn", "faderOut")
_TRACK = {"Audio Type": "Stereo", "Locked": False, "SoloOn": False}
_CHANNELS = [{"Source Channel ID": channel, "Source Track ID": 0} for channel in (0, 1)]
_CROSSFADE = {
    "Effects": {
        "Effect Name": "Cross Fade 0 dB",
        "Enabled": True,
        "Name": "Cross Fade",
        "Parameters": [],
        "Type": 40,
    },
    "Transition Type": "Cross Fade 0DB",
}


def dress_track(track: Any) -> None:
    """Say that a track of ours is stereo."""
    track.metadata[KEY] = {**_TRACK, **said(track)}


def dress_clip(clip: Any, timeline: Any) -> None:
    """Say which channels of its file a clip of ours plays, and link it to its shot.

    It joins the shot's link group where the shot has one: the shot itself is the editor's.
    """
    clip.metadata[KEY] = {"Channels": _CHANNELS, **said(clip)}
    groups = {said(shot).get("Link Group ID") for shot in _shots(clip, timeline)}
    if len(groups) == 1 and (group := groups.pop()) is not None:
        clip.metadata[KEY].setdefault("Link Group ID", group)


def dress_marker(marker: Any, text: str) -> None:
    """Put a marker's text where Resolve shows it as its note."""
    marker.metadata[KEY] = {"Keywords": [], "Note": text, **said(marker)}


def dress_fades(track: Any, rate: Fraction) -> None:
    """Turn fades against silence into faders of their clips; crossfades stay transitions."""
    children = list(track)
    for index, child in enumerate(children):
        if not is_our_fade(child):
            continue
        left, right = child_at(children, index - 1), child_at(children, index + 1)
        if is_score_clip(left) and is_open(right):
            _set_fader(left, "faderOut", fade_frames(child.in_offset, rate))
            del track[track.index(child)]
        elif is_open(left) and is_score_clip(right):
            _set_fader(right, "faderIn", fade_frames(child.out_offset, rate))
            del track[track.index(child)]
        else:
            round_fade(child, rate)
            child.name = child.name or "Cross Fade 0 dB"
            child.metadata[KEY] = {**_CROSSFADE, **said(child)}


def take_faders(clip: Any) -> dict[str, float]:
    """Take the faders out of a clip's volume effect; their frames, by parameter."""
    taken: dict[str, float] = {}
    for effect in clip.effects:
        if said(effect).get("Effect Name") == VOLUME:
            others = []
            for parameter in parameters(effect):
                value = parameter.get("Parameter Value")
                if parameter.get("Parameter ID") in FADERS and isinstance(value, int | float):
                    taken[parameter["Parameter ID"]] = float(value)
                else:
                    others.append(parameter)
            effect.metadata[KEY]["Parameters"] = others
    return taken


def is_neutral(effect: Any) -> bool:
    """Whether an effect changes nothing: Resolve exports all that its inspector shows."""
    return bool(said(effect)) and all(
        not parameter.get("Key Frames")
        and parameter.get("Parameter Value") == parameter.get("Default Parameter Value")
        for parameter in parameters(effect)
    )


def parameters(effect: Any) -> list[Any]:
    """The parameters of an effect."""
    found = said(effect).get("Parameters")
    return [one for one in found if hasattr(one, "get")] if _is_list(found) else []


def said(item: Any) -> Mapping[str, Any]:
    """What Resolve's metadata say of an item; empty where there are none."""
    found = item.metadata.get(KEY)
    return found if hasattr(found, "get") else {}


def _is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _set_fader(clip: Any, parameter: str, frames: int) -> None:
    effect = next((one for one in clip.effects if said(one).get("Effect Name") == VOLUME), None)
    if effect is None:
        effect = schema.Effect(effect_name="Resolve Effect", metadata={KEY: _volume_effect()})
        clip.effects.append(effect)
    others = [one for one in parameters(effect) if one.get("Parameter ID") != parameter]
    effect.metadata[KEY]["Parameters"] = [*others, _parameter(parameter, frames, (0.0, 1e6))]


def _volume_effect() -> dict[str, Any]:
    return {
        "Effect Name": VOLUME,
        "Enabled": True,
        "Name": "Volume",
        "Parameters": [{**_parameter("volume", 0.0, (-100.0, 30.0)), "Key Frames": {}}],
        "Type": 62,
    }


def _parameter(name: str, value: float, limits: tuple[float, float]) -> dict[str, Any]:
    return {
        "Default Parameter Value": 0.0,
        "Parameter ID": name,
        "Parameter Value": float(value),
        "Variant Type": "Double",
        "maxValue": limits[1],
        "minValue": limits[0],
    }


def _shots(clip: Any, timeline: Any) -> list[Any]:
    """The editor's clips that a cue's shots were, as far as they still stand there."""
    listed = facts_of(clip).get("shots")
    shots = [shot for shot in listed if hasattr(shot, "get")] if _is_list(listed) else []
    found = (_at(timeline, shot) for shot in shots)
    return [shot for shot in found if shot is not None]


def _at(timeline: Any, shot: Any) -> Any:
    """The clip that a shot's locator leads to, if it has the shot's name."""
    found, way = timeline.tracks, shot.get("locator")
    for step in list(way)[1:] if _is_list(way) else ():
        if not isinstance(step, int) or not 0 <= step < len(found):
            return None
        found = found[step]
        if not isinstance(found, schema.Stack | schema.Track):
            break
    is_it = isinstance(found, schema.Clip) and found.name == shot.get("name")
    return found if is_it else None
