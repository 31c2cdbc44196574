"""The JSON beside each audio file: what was rendered, from what and how."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from otio_hpm import __version__
from otio_hpm.files import sha256_of
from otio_hpm.settings import ModelSettings, Settings
from otio_hpm.timeline.cut import Cut

SCHEMA = 1


def sidecar_of(wav: Path) -> Path:
    """The sidecar's path of an audio file."""
    return wav.with_suffix(".json")


def sidecar_text(facts: dict[str, Any]) -> str:
    """The sidecar as written: no dates, so that equal takes have equal sidecars."""
    document = {"otio_hpm": __version__, "schema": SCHEMA, **facts}
    return json.dumps(plain(document), indent=2, ensure_ascii=False) + "\n"


def read_sidecar(wav: Path) -> Any:
    """The facts beside an audio file. Raises OSError or ValueError where there are none."""
    return json.loads(sidecar_of(wav).read_text("utf-8"))


def finished_take(wav: Path, fingerprint: str) -> bool:
    """Whether an audio file is whole, and was rendered from what the fingerprint stands for."""
    try:
        facts = read_sidecar(wav)
        if facts["fingerprint"] != fingerprint:
            return False
        return bool(sha256_of(wav) == facts["audio"]["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return False  # no sidecar, or not one of ours: not a take that can be trusted


def clock_facts(cut: Cut, start_frames: int, end_frames: int) -> dict[str, Any]:
    """A record range as timecode and as frames from the timeline's first."""
    return {
        "in": cut.timecode(start_frames),
        "out": cut.timecode(end_frames),
        "start_frames": start_frames,
        "end_frames": end_frames,
    }


def computing_facts(model: ModelSettings) -> dict[str, str]:
    """On what a take is rendered, and in what precision."""
    from otio_hpm.model.precision import choose_device, choose_precision

    device = choose_device(model.device)
    return {"device": device, "precision": choose_precision(model.precision, device)}


def settings_facts(settings: Settings) -> dict[str, Any]:
    """The settings that shape the sound; where media lie and which cues were asked for do not."""
    return {
        "music": dataclasses.asdict(settings.music),
        "model": {k: v for k, v in dataclasses.asdict(settings.model).items() if k != "device"},
    }


def plain(value: Any) -> Any:
    """`value` in what JSON has: dataclasses as objects, fractions as `n/d`, paths as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path | Fraction) else value
