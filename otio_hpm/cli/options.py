"""The options of the verbs, one per setting; their defaults are those of `otio_hpm.settings`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_type_hints

import click

from otio_hpm.cli import parameters
from otio_hpm.settings import Settings, load_settings, preset_settings
from otio_hpm.timing import parse_duration

Command = TypeVar("Command", bound=Callable[..., Any])
Decorator = Callable[[Command], Command]

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path)
_DEFAULTS = Settings()


def _setting(flag: str, field: str, text: str, kind: Any = None, **more: Any) -> Decorator[Any]:
    """The option of one setting, named as `group.field`; unset, it changes nothing."""
    group, name = field.split(".")
    default = getattr(getattr(_DEFAULTS, group), name)
    silent = default is None or default is False or default == ()
    shown = "" if silent else f"  [default: {_spelled(default)}]"
    kind = kind or _choices(group, name)
    return click.option(
        flag, f"{group}__{name}", type=kind, default=None, help=text + shown, **more
    )


def _choices(group: str, name: str) -> click.Choice[str] | None:
    """The values of a setting that has only so many."""
    hint = get_type_hints(type(getattr(_DEFAULTS, group)))[name]
    words = [get_args(part) for part in (hint, *get_args(hint)) if _is_literal(part)]
    return click.Choice(words[0]) if words else None


def _is_literal(hint: Any) -> bool:
    return getattr(hint, "__origin__", None) is Literal


def _spelled(value: Any) -> str:
    return f"{float(value):g}" if isinstance(value, Fraction | float) else str(value)


_MEDIA = (
    _setting("--media-dir", "media.media_dirs",
             "Look for media here by file name, reel and timecode, or clip name. Repeatable.",
             _FOLDER, multiple=True),
    _setting("--path-map", "media.path_maps",
             "Replace this beginning of media paths. Repeatable.",
             parameters.pair, multiple=True, metavar="OLD=NEW"),
)  # fmt: skip
_MARKS = (
    _setting("--mark", "spotting.mark",
             "Markers whose text matches are marks.", str, metavar="REGEX"),
    _setting("--mark-color", "spotting.mark_colors",
             "Markers of this colour are marks. Repeatable.", str, multiple=True,
             metavar="COLOUR"),
    _setting("--markers", "spotting.markers",
             "Merge the markers of a list: Resolve's marker EDL, Avid's or Premiere's list, a "
             "spotting sheet. Repeatable.", _FILE, multiple=True, metavar="FILE"),
)  # fmt: skip
_CLOCK = (
    _setting("--rate", "spotting.rate",
             "Frame rate of the timeline, where it does not say.", parameters.rate),
    _setting("--tc", "spotting.tc", "How its timecode counts: drop-frame or not."),
    _setting("--timeline", "spotting.timeline",
             "Which timeline, where a file holds several.", str, metavar="NAME|N"),
)  # fmt: skip
_SPOTTING = (
    _setting("--picture", "media.picture",
             "Take every frame from this movie of the whole cut, placed by its start timecode, "
             "else at TC, else at the timeline's start.", str, metavar="FILE[@TC]"),
    _setting("--missing", "media.missing",
             "Where media are missing: stop, look at the layer below, take black, skip the cue."),
    _setting("--all-shots", "spotting.all_shots", "Score every shot, marked or not.",
             is_flag=True),
    *_MARKS,
    _setting("--only", "spotting.only",
             "Score only this cue. Repeatable.", str, multiple=True, metavar="CUE"),
    *_CLOCK,
)  # fmt: skip
_MUSIC = (
    _setting("--maestro", "music.maestro",
             "Reference music for cues that name none.", str, metavar="FILE"),
    _setting("--sketch", "music.sketch",
             "Sketch for cues that name none: JSON or MIDI, as saved beside the audio.", str,
             metavar="FILE"),
    _setting("--maestro-lora", "music.maestro_lora",
             "House style for cues that name none: an adapter that was trained for the model.",
             str, metavar="FOLDER"),
    _setting("--style", "music.style",
             "What is followed: `auto` a sketch or the maestro cue, else a sketch composed to the "
             "picture; the others what they say of the maestro cue, else of the sketch."),
    _setting("--strength", "music.strength",
             "How strongly it is followed, 0 to 1.", parameters.number, metavar="0..1"),
    _setting("--style-engine", "model.style_engine",
             "What follows: the S-Control branch, or DITTO, which optimises the initial noise and "
             "takes some two hundred times as long."),
    _setting("--ditto-steps", "model.ditto_steps",
             "Most steps of DITTO's optimiser.", click.IntRange(min=1)),
    _setting("--window", "music.window_s", "Length of one window of the model.", parameters.time),
    _setting("--overlap", "music.overlap_s",
             "Crossfade between neighbouring windows.", parameters.time),
    _setting("--join", "music.join",
             "Denoise the windows of a cue together, or apart and crossfade their audio."),
    _setting("--handles", "music.handles_s",
             "Music beyond each cue's in and out.", parameters.time),
    _setting("--loudness", "music.loudness_lufs",
             "Programme loudness of a cue (EBU R 128).", parameters.number, metavar="LUFS"),
    _setting("--bake-fades", "music.bake_fades",
             "Write the fades into the audio, without handles.", is_flag=True),
)  # fmt: skip
_SEEING = (
    _setting("--model", "model.model",
             "A model that ships or is installed (`otio-hpm model list`), or a model folder.", str,
             metavar="MODEL"),
    _setting("--device", "model.device", "Where it runs."),
    _setting("--without", "model.without",
             "Leave a feature of the film out. Repeatable.", multiple=True),
)  # fmt: skip
_MODEL = (
    *_SEEING,
    _setting("--precision", "model.precision",
             "What it computes in; `auto` is bf16 where the device has it natively."),
    _setting("--sampler", "model.sampler", "DPM-Solver++, or the paper's DDIM."),
    _setting("--steps", "model.steps",
             "Solver steps of every cue; unset, fewer where something is followed.",
             click.IntRange(min=1)),
    _setting("--guidance", "model.guidance",
             "Guidance on film and on what is followed; 1 is none.", click.FloatRange(min=0)),
    _setting("--seed", "model.seed",
             "Each cue's seed derives from this and its number.", int),
    _setting("--preset", "model.preset",
             "What is not set otherwise: our defaults, or the paper's way: DDIM, 200 steps (100 "
             "where a style is followed), guidance 7.5 on the film alone, windows crossfaded, "
             "style `both`."),
)  # fmt: skip
_DELIVERY = (
    _setting("--absolute", "delivery.paths", "Name media by their whole path.", str,
             flag_value="absolute"),
    _setting("--relative", "delivery.paths",
             "Name media as seen from the folder of the timeline that is written.", str,
             flag_value="relative"),
    _setting("--dialect", "delivery.dialect",
             "The system that an .otio is for, where not the one that wrote IN."),
    _setting("--otio-version", "delivery.otio_version",
             "Write .otio as this release of OpenTimelineIO did, such as 0.14.0.", str,
             metavar="VERSION"),
    _setting("--fcpxml-version", "delivery.fcpxml_version",
             "Version of FCPXML that is written.", str, metavar="VERSION"),
)  # fmt: skip
_FILE_OPTION = click.option(
    "--settings", "settings_file", type=_FILE, metavar="FILE.toml",
    help="Settings from a file; options given here override it.",
)  # fmt: skip


def _with(options: Sequence[Decorator[Any]], command: Command) -> Command:
    """A command with these options, which its help lists in their order."""
    for option in reversed(options):
        command = option(command)
    return command


def setting_options(command: Command) -> Command:
    """All options that make up `Settings`; the command gets them as keyword arguments."""
    return _with((*_MEDIA, *_SPOTTING, *_MUSIC, *_MODEL, _FILE_OPTION), command)


def media_options(command: Command) -> Command:
    """Only the options of where media are found."""
    return _with(_MEDIA, command)


def delivery_options(command: Command) -> Command:
    """The options of how timelines are written, which make up `Settings` with the others."""
    return _with(_DELIVERY, command)


def reading_options(command: Command) -> Command:
    """Only the options of which markers are marks, and how timelines count."""
    return _with((*_MARKS, *_CLOCK), command)


def clock_options(command: Command) -> Command:
    """Only the options of how timelines count, and which one is meant."""
    return _with(_CLOCK, command)


def model_options(command: Command) -> Command:
    """Only the options of the model."""
    return _with(_MODEL, command)


def seeing_options(command: Command) -> Command:
    """Only the options of how a picture is seen."""
    return _with(_SEEING, command)


def settings_from(
    options: dict[str, Any], timeline: Path | None = None, settings_file: Path | None = None
) -> Settings:
    """Settings from a file, overridden by options.

    Lengths given in frames or timecode are converted at the rate of `timeline`. Raises
    SettingsError, and TimelineError where that rate has to be read and cannot be.
    """
    preset = options.get("model__preset")
    if settings_file:
        settings = load_settings(settings_file, preset)
    else:
        settings = preset_settings(preset or "default")
    changes: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, value in options.items():
        if value is not None and value is not False and value != ():
            group, _, field = name.partition("__")
            changes[group][field] = value
    pending = {k: v for k, v in changes["music"].items() if k.endswith("_s") and isinstance(v, str)}
    settings = settings.with_explicit(
        {**changes, "music": {k: v for k, v in changes["music"].items() if k not in pending}}
    )
    if not pending or timeline is None:
        return settings
    rate = _rate_of(timeline, settings)
    exact = {name: parse_duration(text, rate) for name, text in pending.items()}
    return settings.with_changes({"music": exact})


def _rate_of(timeline: Path, settings: Settings) -> Fraction:
    from otio_hpm.timeline.reading import read_cut

    return settings.spotting.rate or read_cut(timeline, settings).rate
