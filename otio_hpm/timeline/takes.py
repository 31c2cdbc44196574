"""Takes: finished audio files of cues, and the clips that stand for them on a timeline."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from opentimelineio import core, opentime, schema

from otio_hpm.timeline.cue import Cue
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import rational
from otio_hpm.timeline.told import listed

KEY = "otio_hpm"
"""Our key in the metadata of everything we write or link."""
COLOUR = core.Color.ORANGE
"""Of our clips and tracks, until an editor gives another."""


@dataclass(frozen=True, kw_only=True)
class Take:
    """One finished rendering of a cue."""

    cue: Cue
    take: int
    """1 for the first."""
    wav: Path
    sidecar: Path
    sha256: str
    """Of the audio file."""
    fingerprint: str
    """Digest of everything that decides the audio."""
    start_frames: int
    """Record frame of the file's first sample, counted from the timeline's first frame."""
    head_frames: int
    """Handle before the cue's in."""
    tail_frames: int
    """Handle after the cue's out."""
    length_samples: int
    """Of the whole file."""
    baked_fades: bool
    """The fades are in the audio already."""


def clip_of(take: Take, cut: Cut, output: Path, earlier: Sequence[Any] = ()) -> Any:
    """The clip of a take on the timeline at `output`; `earlier` are the cue's clips so far.

    Each take is a media reference of the clip, `take_01` onwards, and the newest is active; our
    metadata name all of them, because Clip.1 holds only one. Source time is record timecode, as in
    the file's bext chunk.
    """
    references = {key: reference for clip in earlier for key, reference in takes_in(clip).items()}
    key = f"take_{take.take:02d}"
    references[key] = _reference(take, cut)
    clip = schema.Clip(
        name=take.wav.name,
        source_range=_range(take.cue.start_frames, take.cue.end_frames, cut),
        metadata={KEY: _facts(take, cut, output)},
        color=COLOUR,
    )
    clip.set_media_references(dict(sorted(references.items())), key)
    names = dict.fromkeys(name for old in earlier for name in listed(facts_of(old), "takes"))
    names.pop(take.wav.name, None)
    clip.metadata[KEY]["takes"] = [*names, take.wav.name]
    return clip


def takes_in(clip: Any) -> dict[str, Any]:
    """Copies of a clip's media references that are takes, by key."""
    number = facts_of(clip).get("take")
    own = {f"take_{number:02d}": clip.media_reference} if isinstance(number, int) else {}
    found = {**own, **clip.media_references()}
    return {key: ref.deepcopy() for key, ref in found.items() if key.startswith("take_")}


def facts_of(item: Any) -> Any:
    """What our metadata say of an item; empty where there are none."""
    ours = item.metadata.get(KEY)
    return ours if hasattr(ours, "get") else {}


def facts_text(item: Any) -> str:
    """What our metadata say of an item, as text to compare."""
    return str(core.serialize_json_to_string(facts_of(item), {}, 0))


def has_our_colour(item: Any) -> bool:
    """Whether an item is a clip or track of ours in the colour that these are given."""
    ours = is_score_clip(item) or facts_of(item).get("role") == "score"
    return ours and item.color is not None and item.color.to_hex() == COLOUR.to_hex()


def is_score_clip(item: Any) -> bool:
    """Whether an item is a clip of a cue of ours."""
    return isinstance(item, schema.Clip) and bool(facts_of(item).get("cue"))


def url_of(clip: Any) -> str:
    """URL of what a clip plays now; empty where that is no file."""
    return getattr(clip.media_reference, "target_url", None) or ""


def file_name(clip: Any) -> str:
    """File name of what a clip plays now."""
    return PurePosixPath(unquote(urlsplit(url_of(clip)).path)).name


def relative(path: Path, output: Path) -> str:
    """`path` from the folder of `output`, with forward slashes; absolute on another drive."""
    try:
        return Path(os.path.relpath(path.absolute(), output.absolute().parent)).as_posix()
    except ValueError:
        return path.absolute().as_posix()


def _reference(take: Take, cut: Cut) -> Any:
    end = take.cue.end_frames + take.tail_frames
    return schema.ExternalReference(
        target_url=Path(os.path.abspath(take.wav)).as_uri(),
        available_range=_range(take.start_frames, end, cut),
        metadata={KEY: {"take": take.take, "sha256": take.sha256}},
    )


def _range(start_frames: int, end_frames: int, cut: Cut) -> Any:
    """A stretch of record time, as timecode."""
    return opentime.TimeRange(
        rational(start_frames + cut.start_frames, cut.rate),
        rational(end_frames - start_frames, cut.rate),
    )


def _facts(take: Take, cut: Cut, output: Path) -> dict[str, Any]:
    cue = take.cue
    fade_in, fade_out = _fades_s(cue, cut)
    return {
        "cue": cue.number,
        "take": take.take,
        "fingerprint": take.fingerprint,
        "sidecar": relative(take.sidecar, output),
        "record_start_frames": cue.start_frames,
        "record_end_frames": cue.end_frames,
        "source_start_frames": cue.start_frames + cut.start_frames,
        "fades": {"in_s": float(fade_in), "out_s": float(fade_out), "baked": take.baked_fades},
        "shots": [
            {"name": shot.name, "track": shot.track, "locator": list(shot.locator)}
            for shot in cue.shots
        ],
        "marks": [
            {"text": mark.text, "timecode": mark.timecode, "locator": list(mark.locator)}
            for mark in cue.marks
        ],
    }


def _fades_s(cue: Cue, cut: Cut) -> tuple[Fraction, Fraction]:
    """The fades in and out, shortened where the cue is shorter than both."""
    length = (cue.end_frames - cue.start_frames) / cut.rate
    fade_in = min(cue.options.fade_in_s, length)
    return fade_in, min(cue.options.fade_out_s, length - fade_in)
