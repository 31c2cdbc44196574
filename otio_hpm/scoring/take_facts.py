"""What a sidecar tells of a take: the audio, the cue, its picture, the model and the level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from otio_hpm.model.adapter import Adapter
from otio_hpm.music.levelling import Levelled
from otio_hpm.scoring.plan import CuePlan, ScorePlan
from otio_hpm.scoring.seeing import film_facts
from otio_hpm.scoring.sidecar import clock_facts, computing_facts, plain, settings_facts
from otio_hpm.scoring.source import source_of, steps_of
from otio_hpm.timeline.cue import Cue
from otio_hpm.timeline.cut import Cut
from otio_hpm.timing import SAMPLE_RATE


def take_facts(
    planned: CuePlan,
    plan: ScorePlan,
    levelled: Levelled,
    digest: str,
    sketches: Mapping[str, str],
    words: tuple[str, ...],
) -> dict[str, Any]:
    """All that a sidecar tells of a take.

    `digest` is the SHA-256 of the audio file, `sketches` are those of the sketch's files by name,
    `words` those that each window was made from, if any.
    """
    cue, cut = planned.cue, plan.cut
    return {
        "fingerprint": planned.fingerprint,
        "audio": _audio(planned, cut, digest),
        "cue": _cue(cue, cut),
        "sketch": {"given": cue.sketch, "files": sketches} if sketches else None,
        "timeline": {"rate": cut.rate, "drop_frame": cut.drop_frame, "name": cut.timeline.name},
        "marks": cue.marks,
        "shots": cue.shots,
        "picture": {
            "looked_through": planned.picture.looked_through,
            "offsets": planned.picture.offsets,
            "warnings": planned.picture.warnings,
        },
        "film": film_facts(plan.settings.model),
        "windows": {
            "sample_rate": plan.config.sample_rate,
            "latent_samples": plan.config.latent_hop,
            **plain(planned.windows),
        },
        **({"words": words} if words else {}),
        "seed": planned.seed,
        "model": {
            "name": plan.settings.model.model,
            "checksum": plan.model_checksum,
            "licence": plan.config.licence,
            **computing_facts(plan.settings.model),
        },
        "steps": steps_of(cue, plan.settings.model),
        "settings": settings_facts(plan.settings),
        "figures": _figures(levelled),
    }


def _audio(planned: CuePlan, cut: Cut, digest: str) -> dict[str, Any]:
    return {
        "file": planned.wav.name,
        "sha256": digest,
        "take": planned.take,
        "samples": planned.samples,
        "sample_rate": SAMPLE_RATE,
        "bits": 24,
        "channels": "2, both equal: the model is mono",
        "time_reference_samples": planned.time_reference_samples,
        "head_handle_samples": planned.head_samples,
        "record": clock_facts(cut, planned.start_frames, planned.end_frames),
    }


def _cue(cue: Cue, cut: Cut) -> dict[str, Any]:
    return {
        "number": cue.number,
        "reel": cue.reel,
        "note": cue.note,
        **clock_facts(cut, cue.start_frames, cue.end_frames),
        "options": cue.options,
        "maestro": cue.maestro,
        "hits": [cut.timecode(hit) for hit in cue.hits_frames],
        "hits_frames": cue.hits_frames,
        "levels": cue.levels,
        "follows": source_of(cue),
        "lora": _adapter(cue),
    }


def _figures(levelled: Levelled) -> dict[str, float]:
    """What levelling did, and what is measured of the audio."""
    return {
        "gain_db": round(levelled.gain_db, 3),
        "limited_db": round(levelled.limited_db, 3),
        "integrated_lufs": round(levelled.loudness.integrated_lufs, 3),
        "true_peak_dbtp": round(levelled.loudness.true_peak_dbtp, 3),
        "range_lu": round(levelled.loudness.range_lu, 3),
        "short_lu": round(levelled.loudness.short_lu, 3),
    }


def _adapter(cue: Cue) -> dict[str, str] | None:
    """The adapter that a cue follows with, by its content and the model that it is for."""
    if cue.lora is None or source_of(cue) == "nothing":
        return None
    adapter = Adapter.read(cue.lora)
    return {"folder": str(cue.lora), "sha256": adapter.digest(), "base": adapter.base}
