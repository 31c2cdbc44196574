"""One digest of everything that decides a cue's audio file; equal digests need no rendering.

Where a file lies is not part of it, so moved media change nothing. Neither is the device: another
one renders the same music within rounding, and the sidecar names it. A precision counts where it
was asked for by name.
"""

from __future__ import annotations

import hashlib
from typing import Any

from otio_hpm.film.identity import canonical, content_of, layer_facts
from otio_hpm.scoring.source import follows_dynamics, follows_melody, source_of, steps_of
from otio_hpm.settings import ADAPTER_FILES, ModelSettings, Settings
from otio_hpm.timeline.cue import Cue
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.picture import Picture

ALGORITHM = 16
"""Counted up whenever the same input would sound different."""


def fingerprint(
    *,
    cut: Cut,
    cue: Cue,
    picture: Picture,
    head_frames: int,
    tail_frames: int,
    seed: int,
    model_checksum: str,
    settings: Settings,
) -> str:
    """Sha256 of all that decides the audio of `cue` with its handles."""
    start = cue.start_frames - head_frames
    music, model = settings.music, settings.model
    facts = {
        "algorithm": ALGORITHM,
        "clock": [cut.rate, cut.drop_frame, cut.start_frames + start],
        "frames": [head_frames, cue.end_frames - cue.start_frames, tail_frames],
        "picture": _picture(picture, start),
        "followed": _followed(cue, model),
        "level": cue.options.loudness_lufs + cue.options.gain_db,
        "fades": [cue.options.fade_in_s, cue.options.fade_out_s] if music.bake_fades else None,
        "windows": [music.window_s, music.overlap_s, music.join],
        "model": [model_checksum, model.sampler, steps_of(cue, model), model.guidance, seed],
        "guided": model.guided,
        "without": sorted(set(model.without)),
    }
    if model.precision != "auto":
        facts["precision"] = model.precision
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def seed_of(cue: Cue, settings: Settings) -> int:
    """The mark's own seed, else one that derives from the run's seed and the cue's number."""
    if cue.options.seed is not None:
        return cue.options.seed
    digest = hashlib.sha256(f"{settings.model.seed}:{cue.number}".encode()).digest()
    return int.from_bytes(digest[:4])


def _picture(picture: Picture, start: int) -> list[Any]:
    return [
        [
            span.start_frames - start,
            span.end_frames - start,
            [layer_facts(layer) for layer in span.layers],
        ]
        for span in picture.spans
    ]


def _followed(cue: Cue, model: ModelSettings) -> dict[str, Any] | None:
    """What the cue follows besides the film, and the adapter or engine that follows it."""
    followed = _source(cue)
    if followed is not None and cue.lora is not None:
        followed["lora"] = [content_of(cue.lora / name) for name in ADAPTER_FILES]
    if followed is not None and model.style_engine == "ditto":
        followed["ditto"] = model.ditto_steps
    return followed


def _source(cue: Cue) -> dict[str, Any] | None:
    """What melody and dynamics come from; levels count where a sketch is composed of them."""
    source = source_of(cue)
    hits = [hit - cue.start_frames for hit in cue.hits_frames]
    how = [source, follows_melody(cue), follows_dynamics(cue), cue.options.strength, hits]
    if source == "maestro" and cue.maestro is not None:
        part = [cue.maestro.start_s, cue.maestro.duration_s]
        return {"how": how, "maestro": [content_of(cue.maestro.path), *part]}
    if source == "sketch" and cue.sketch is not None:
        return {"how": how, "sketch": content_of(cue.sketch)}
    if source == "picture":
        return {"how": how, "levels": [[p.at_s, p.level_db] for p in cue.levels]}
    return None
