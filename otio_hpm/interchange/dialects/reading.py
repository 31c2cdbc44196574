"""An .otio of any host in the plain form: what is ours as it was before a dialect changed it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.dialects import kdenlive, premiere, resolve
from otio_hpm.interchange.dialects.frames import fade_frames
from otio_hpm.interchange.dialects.media_paths import plain_media
from otio_hpm.interchange.dialects.ours import is_open, our_clips, our_tracks
from otio_hpm.timeline.exact import nearest, rational, seconds
from otio_hpm.timeline.fades import child_at, fade_between, is_as_written
from otio_hpm.timeline.takes import is_score_clip

_SIDES = {"faderIn": -1, "faderOut": 1}


def from_dialect(timeline: Any, folder: Path, rate: Fraction) -> None:
    """Turn what is ours on a timeline as read into the plain form, whichever host wrote it.

    Media become URLs (relative paths begin in `folder`), faders transitions, and times timecode;
    effects that a host gives to every clip and that change nothing are dropped. What an editor
    changed remains a change: a fader that was moved becomes a transition of its length. `rate` is
    that of record time. The editor's own objects stay as they are.
    """
    for clip in our_clips(timeline):
        plain_media(clip, folder)
        kdenlive.undress_clip(clip)
    for track in our_tracks(timeline):
        kdenlive.undress_track(track)
        for clip in [child for child in track if is_score_clip(child)]:
            _restore_fades(track, clip, rate)
            _drop_neutral(clip)
        _restore_exact(track, rate)


def _restore_fades(track: Any, clip: Any, rate: Fraction) -> None:
    """Write the fades of a clip as transitions again, where a host has them elsewhere."""
    left_out = kdenlive.take_left_out(clip)
    faders = resolve.take_faders(clip)
    for fader, side in _SIDES.items():
        index = track.index(clip)
        beside = child_at(track, index + side)
        if not is_open(beside) or not (left_out or fader in faders):
            continue
        wanted = fade_between(*((beside, clip) if side < 0 else (clip, beside)), rate)
        fade = wanted if left_out else _moved(wanted, faders[fader], side, rate)
        if fade is not None:
            track.insert(index if side < 0 else index + 1, fade)


def _moved(wanted: Any, fader: float, side: int, rate: Fraction) -> Any:
    """The fade as written where the fader says no other length; else one of its length, or None."""
    frames = nearest(Fraction(fader)) if 0 <= fader < 1e9 else 0
    if wanted is not None:
        offset = wanted.out_offset if side < 0 else wanted.in_offset
        if frames == fade_frames(offset, rate):
            return wanted
    if frames == 0:
        return None
    none = rational(0, rate)
    offsets = (none, rational(frames, rate)) if side < 0 else (rational(frames, rate), none)
    return schema.Transition(
        transition_type=schema.TransitionTypes.SMPTE_Dissolve,
        in_offset=offsets[0],
        out_offset=offsets[1],
    )


def _restore_exact(track: Any, rate: Fraction) -> None:
    """Give fades that were rounded to frames their own length again."""
    for index, fade in list(_fades(track)):
        if is_as_written(fade, rate):
            exact = fade_between(child_at(track, index - 1), child_at(track, index + 1), rate)
            if exact is not None and _alike(exact, fade, rate):
                fade.in_offset, fade.out_offset = exact.in_offset, exact.out_offset
                fade.name = exact.name


def _alike(one: Any, other: Any, rate: Fraction) -> bool:
    """Whether two transitions are within a frame of each other."""
    pairs = ((one.in_offset, other.in_offset), (one.out_offset, other.out_offset))
    return all(abs(seconds(a) - seconds(b)) * rate <= 1 for a, b in pairs)


def _fades(track: Any) -> Iterator[tuple[int, Any]]:
    return ((i, child) for i, child in enumerate(track) if isinstance(child, schema.Transition))


def _drop_neutral(clip: Any) -> None:
    """Drop effects that change nothing."""
    kept = [effect for effect in clip.effects if not _is_neutral(effect)]
    if len(kept) < len(clip.effects):
        clip.effects[:] = kept


def _is_neutral(effect: Any) -> bool:
    if isinstance(effect, schema.LinearTimeWarp):
        return bool(effect.time_scalar == 1.0)
    return resolve.is_neutral(effect) or premiere.is_neutral(effect)
