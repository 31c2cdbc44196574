"""Everything a user can set, and the one home of every default.

A settings file (TOML) has one table per class below: `[media]`, `[spotting]`, `[music]`, `[model]`.
"""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from otio_hpm.errors import SettingsError

Style = Literal["auto", "both", "melody", "dynamics", "none"]
Missing = Literal["error", "below", "black", "skip"]
Join = Literal["joint", "crossfade"]
Sampler = Literal["dpm++", "ddim"]
Guided = Literal["all", "film"]
StyleEngine = Literal["s-control", "ditto"]
Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "float32", "bf16", "fp16"]
Preset = Literal["default", "paper"]
Feature = Literal["semantic", "aesthetic", "emotion"]
Paths = Literal["absolute", "relative"]
Dialect = Literal["resolve", "premiere", "kdenlive", "plain"]

ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")
"""PEFT's names for the two files of an adapter, a house style of `--maestro-lora`."""


@dataclass(frozen=True, kw_only=True)
class MediaSettings:
    """Where picture and maestro cues are found."""

    media_dirs: tuple[Path, ...] = ()
    """Folders searched, with all in them, for media that are not where the timeline says: by file
    name, by reel and source timecode, by clip name."""
    path_maps: tuple[tuple[str, str], ...] = ()
    """(old, new) prefixes of media paths, tried in order."""
    picture: str | None = None
    """`FILE` or `FILE@TIMECODE`: a movie of the whole cut that every frame is taken from."""
    missing: Missing = "error"
    """What happens where media are missing: stop, look below, take black, or skip the cue."""


@dataclass(frozen=True, kw_only=True)
class SpottingSettings:
    """Which marks are cues, and how the timeline counts."""

    all_shots: bool = False
    """Score every shot, marked or not."""
    mark: str | None = None
    """Regular expression: markers whose name, comment or note matches are marks."""
    mark_colors: tuple[str, ...] = ()
    """Markers of these colours are marks."""
    markers: tuple[Path, ...] = ()
    """Lists of markers that are merged onto the timeline, in order."""
    only: tuple[str, ...] = ()
    """Cue numbers to score; all others are left as they are."""
    rate: Fraction | None = None
    """Frame rate of the timeline; None to find it."""
    tc: Literal["df", "ndf"] | None = None
    """Timecode counting; None to find it."""
    timeline: str | None = None
    """Name or 1-based number of the timeline, where a file holds several."""


@dataclass(frozen=True, kw_only=True)
class MusicSettings:
    """How a cue sounds. The first group may be set by each mark as well."""

    maestro: str | None = None
    """Reference music for every cue that names none: a file, or an audio clip of the timeline."""
    sketch: str | None = None
    """Sketch that every cue follows that names none: a JSON or MIDI file, as saved beside takes."""
    maestro_lora: str | None = None
    """Adapter of the S-Control branch, a house style, for every cue that names none: a folder."""
    style: Style = "auto"
    """What is followed. `auto` is the sketch that is given, else the maestro cue, else a sketch
    composed to the picture; the others are parts of the maestro cue, else of the sketch given."""
    strength: Fraction = Fraction(1)
    """How strongly it is followed, 0 to 1."""
    loudness_lufs: Fraction = Fraction(-23)
    """Programme loudness of a cue (EBU R 128)."""
    gain_db: Fraction = Fraction(0)
    """Added to the loudness target."""
    fade_in_s: Fraction = Fraction(1, 100)
    """Length of the fade at a cue's in."""
    fade_out_s: Fraction = Fraction(1)
    """Length of the fade at a cue's out."""
    handles_s: Fraction = Fraction(1)
    """Music beyond a cue's in and out, on each side; rounded to whole frames."""

    bake_fades: bool = False
    """Write the fades into the audio, without handles."""
    window_s: Fraction = Fraction(10)
    """Length of one window; the model rounds it to its own grid, 10 is its full window."""
    overlap_s: Fraction = Fraction(2)
    """Crossfade between neighbouring windows; rounded to the model's grid."""
    join: Join = "joint"
    """Denoise the windows of a cue together, or apart and crossfade their audio."""


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """Which model renders, and how."""

    model: str = "embedded"
    """`embedded`, `debug`, or a model folder."""
    device: Device = "auto"
    """Where it runs. `auto` takes CUDA, MPS, CPU in this order; the others are never replaced."""
    precision: Precision = "auto"
    """What it computes in. `auto` is bf16 where the device has it natively and is faster in it,
    else float32; the others are never replaced."""
    sampler: Sampler = "dpm++"
    """DPM-Solver++ or the paper's DDIM."""
    steps: int = 20
    """Solver steps of cues that follow nothing."""
    guidance: float = 6.0
    """Classifier-free guidance on film and on what is followed; 1 is none, and then free music is
    not held to the pace of its film either. Between a fifth and four
    fifths of the noise levels, up to nine tenths for film alone, as which DITTO samples too; at all
    of them where `guided` is `film`, and for AudioLDM."""
    seed: int = 0
    """Each cue's seed derives from this and the cue's number."""
    preset: Preset = "default"
    """What is not set otherwise: these defaults, or the paper's way of sampling."""
    followed_steps: int | None = None
    """Solver steps of cues that follow a sketch or a maestro, which tell much of the music; None
    for the model's own number, which `for_model` takes."""
    guided: Guided = "all"
    """What guidance acts on: film and what is followed, or, as in the paper, film alone at every
    step; then the S-Control branch alone follows levels, and free music has no melody and
    key of its own and is not held to its film's pace."""
    style_engine: StyleEngine = "s-control"
    """What follows: the S-Control branch, or DITTO, which optimises each cue's initial noise."""
    ditto_steps: int = 70
    """Most steps of DITTO's optimiser for a cue; each samples and decodes it, and goes back."""
    without: tuple[Feature, ...] = ()
    """Features of the film that the model is not told (the ablation of Table 4)."""

    def for_model(self, followed_steps: int) -> ModelSettings:
        """These, with a model's own number of steps where it is left to the model.

        It is one for DPM-Solver++, and never more than cues take that follow nothing.
        """
        if self.followed_steps is not None:
            return self
        fewer = min(followed_steps, self.steps) if self.sampler == "dpm++" else self.steps
        return dataclasses.replace(self, followed_steps=fewer)

    def steps_for(self, *, followed: bool) -> int:
        """Solver steps of a cue that follows something, or nothing.

        Raises ValueError for settings that still leave them to the model.
        """
        if not followed:
            return self.steps
        if self.followed_steps is None:
            raise ValueError("which model's number of steps is meant?")
        return self.followed_steps


@dataclass(frozen=True, kw_only=True)
class DeliverySettings:
    """How timelines are written."""

    paths: Paths = "absolute"
    """How they name their media."""
    dialect: Dialect | None = None
    """The system that an .otio is written for; None for the one that wrote the input."""
    otio_version: str | None = None
    """The release of OpenTimelineIO, as `0.14.0`, whose schemas an .otio has; None for those of the
    input."""
    fcpxml_version: str = "1.11"
    """Version of FCPXML that is written."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of one run."""

    media: MediaSettings = field(default_factory=MediaSettings)
    spotting: SpottingSettings = field(default_factory=SpottingSettings)
    music: MusicSettings = field(default_factory=MusicSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    delivery: DeliverySettings = field(default_factory=DeliverySettings)

    def with_changes(self, changes: dict[str, dict[str, Any]]) -> Settings:
        """A copy with `{"music": {"window_s": ...}, ...}` replaced."""
        groups = {
            name: dataclasses.replace(getattr(self, name), **values)
            for name, values in changes.items()
        }
        return dataclasses.replace(self, **groups)

    def with_explicit(self, changes: dict[str, dict[str, Any]]) -> Settings:
        """`with_changes` for what a user has said, which stands against all that a preset has."""
        model = dict(changes.get("model", {}))
        if "steps" in model or model.get("sampler", self.model.sampler) != self.model.sampler:
            # Fewer steps for what is followed are of the preset's own way to sample.
            model.setdefault("followed_steps", model.get("steps", self.model.steps))
        model.pop("preset", None)
        return self.with_changes({**changes, "model": model})


_PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "default": {},
    "paper": {
        "music": {
            "style": "both",
            "window_s": Fraction(10),
            "join": "crossfade",
        },
        "model": {
            "sampler": "ddim",
            "steps": 200,
            "followed_steps": 100,
            "guidance": 7.5,
            "guided": "film",
        },
    },
}
"""The paper's section 4.1: DDIM, guidance on the film alone, and no sketch but one that is given.

Its 10 frames of picture a second are every model's here. It tells of no overlap, so ours stands."""


def preset_settings(preset: Preset) -> Settings:
    """All settings as a preset has them; raises SettingsError for an unknown one."""
    if preset not in _PRESETS:
        raise SettingsError(
            f"there is no preset {preset!r}", hint=f"Presets: {', '.join(_PRESETS)}."
        )
    settings = Settings().with_changes(_PRESETS[preset])
    return settings.with_changes({"model": {"preset": preset}})


def load_settings(path: Path, preset: Preset | None = None) -> Settings:
    """Settings from a TOML file; what it leaves out is as the preset has it.

    The preset is the one given, else the file's. Raises SettingsError naming the file and the key
    for anything not understood.
    """
    import cattrs

    converter = _converter()
    try:
        told = tomllib.loads(path.read_text("utf-8"))
        settings: Settings = converter.structure(told, Settings)
        base = preset_settings(preset or settings.model.preset)
        return base.with_explicit(_only_told(settings, told))
    except OSError as error:
        raise SettingsError(f"settings file {path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"settings file {path}: {error}", hint="Is it TOML?") from error
    except (cattrs.BaseValidationError, ValueError) as error:
        reason = "; ".join(cattrs.transform_error(error, path="settings", format_exception=_reason))
        raise SettingsError(
            f"settings file {path}: {reason}",
            hint="Its tables are [media], [spotting], [music], [model] and [delivery].",
        ) from error


def _only_told(settings: Settings, told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings that a file names, as `with_changes` takes them."""
    return {
        group: {name: getattr(getattr(settings, group), name) for name in values}
        for group, values in told.items()
    }


def _converter() -> Any:
    """A cattrs converter that guesses nothing: "no" is no boolean, 2.7 no number of steps."""
    import cattrs

    converter = cattrs.Converter(forbid_extra_keys=True)
    for kind in (bool, int, str):
        converter.register_structure_hook(kind, _exactly)
    converter.register_structure_hook(float, lambda value, _: float(_number(value)))
    converter.register_structure_hook(Fraction, lambda value, _: _number(value))
    converter.register_structure_hook(Path, lambda value, _: Path(_exactly(value, str)))
    converter.register_structure_hook_func(_is_literal, _one_of)
    converter.register_structure_hook_func(
        _is_tuple,
        lambda value, kind: _items(converter, value, get_args(kind)),
    )
    return converter


def _reason(error: BaseException, kind: Any) -> str:
    """What is wrong with a value or key, in words."""
    import cattrs

    if isinstance(error, cattrs.ForbiddenExtraKeysError):
        return f"unknown key {', '.join(map(repr, sorted(error.extra_fields)))}"
    return "expected a table" if isinstance(error, TypeError) else str(error)


def _is_literal(kind: Any) -> bool:
    origin: Any = get_origin(kind)
    return origin is Literal


def _one_of(value: Any, kind: Any) -> Any:
    if value not in get_args(kind):
        raise ValueError(f"expected one of {', '.join(get_args(kind))}, not {value!r}")
    return value


def _is_tuple(kind: Any) -> bool:
    origin: Any = get_origin(kind)
    return origin is tuple


def _exactly(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError(f"expected {kind.__name__}, not {value!r}")
    return value


def _number(value: Any) -> Fraction:
    """A TOML number, or text such as "30000/1001"."""
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"expected a number, not {value!r}") from error


def _items(converter: Any, values: Any, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    """A TOML array as a tuple, of any length where the type says so (`tuple[str, ...]`)."""
    if not isinstance(values, list):
        raise ValueError(f"expected an array, not {values!r}")
    wanted = kinds[:1] * len(values) if kinds[-1] is Ellipsis else kinds
    if len(wanted) != len(values):
        raise ValueError(f"expected {len(wanted)} values, not {values!r}")
    return tuple(converter.structure(v, k) for v, k in zip(values, wanted, strict=True))
