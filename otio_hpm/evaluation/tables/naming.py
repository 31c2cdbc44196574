"""How systems are named: `NAME=FOLDER` is anybody's, `MAKER:KEY=VALUE,...` is a model's.

`hpm`, `hpm:guidance=5`, `hpm:sampler=ddim,steps=200`, `hpm:without=semantic+emotion` or
`ditto:style=melody` are what a table calls the system too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from otio_hpm.errors import SettingsError
from otio_hpm.settings import Feature, Join, Sampler

Maker = Literal["folder", "hpm", "ditto", "round-trip"]
Followed = Literal["none", "auto", "maestro", "melody", "dynamics"]
FOLLOWED: tuple[str, ...] = get_args(Followed)
"""What a model may follow: nothing, its own sketch, or the style's music, wholly or in part."""
_NAME = re.compile(r"\w[\w .+-]*")
_MAKERS = ("hpm", "ditto", "round-trip")


@dataclass(frozen=True, kw_only=True)
class Named:
    """A system as the user names it."""

    name: str
    """What tables call it."""
    maker: Maker
    folder: Path | None = None
    """Where anybody's music lies."""
    style: Followed | None = None
    """What a model follows; None for what all follow."""
    lora: Path | None = None
    """Adapter that follows, in place of the model's own branch."""
    model: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the model that differ from those of all."""
    music: Mapping[str, Any] = field(default_factory=dict)
    """Settings of windows that differ."""


class _Key(NamedTuple):
    """What a key sets: a setting of a group, how its value is read, and what it may be."""

    group: str
    setting: str
    read: Callable[[str], Any]
    says: str


def named(text: str) -> Named:
    """What a name means. Raises SettingsError for one that means nothing."""
    maker, colon, keys = text.partition(":")
    if maker in _MAKERS:
        return _by_model(text, maker, keys if colon else None)
    name, given, folder = text.partition("=")
    if not given:
        raise SettingsError(
            f"{text!r} is no system", hint=f"Name NAME=FOLDER, {', '.join(_MAKERS)}."
        )
    if name in _MAKERS or not _NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} cannot name a system: it is taken, or not a plain name",
            hint="Name it with letters, digits, spaces and . + - _, beginning with a letter.",
        )
    return Named(name=name, maker="folder", folder=Path(folder))


def _by_model(text: str, maker: Any, keys: str | None) -> Named:
    """`MAKER`, or `MAKER:KEY=VALUE,...`."""
    found: dict[str, dict[str, Any]] = {"model": {}, "music": {}, "system": {}}
    if maker == "ditto":
        found["model"]["style_engine"] = "ditto"
    said: set[str] = set()
    for part in keys.split(",") if keys is not None else ():
        key, given, value = part.partition("=")
        if key not in _allowed(maker) or not given or key in said:
            raise SettingsError(f"{text!r}: {part!r} is not understood", hint=_hint(maker))
        said.add(key)
        wanted = _KEYS[key]
        try:
            found[wanted.group][wanted.setting] = wanted.read(value)
        except (ValueError, ZeroDivisionError) as error:
            raise SettingsError(
                f"{text!r}: {key} cannot be {value!r}", hint=f"It is {wanted.says}."
            ) from error
    return Named(
        name=text, maker=maker, model=found["model"], music=found["music"], **found["system"]
    )


def _allowed(maker: str) -> tuple[str, ...]:
    if maker == "round-trip":
        return ()
    other = "lora" if maker == "ditto" else "ditto-steps"
    return tuple(key for key in _KEYS if key != other)


def _hint(maker: str) -> str:
    keys = ", ".join(_allowed(maker))
    return f"{maker} takes {keys}, each once, as KEY=VALUE." if keys else f"{maker} takes no keys."


def _words(kinds: Any) -> str:
    return ", ".join(get_args(kinds))


def _one_of(kinds: Any) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in get_args(kinds):
            raise ValueError(value)
        return value

    return read


def _at_least_one(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def checked(value: str) -> Any:
        number = read(value)
        if not 1 <= number < float("inf"):
            raise ValueError(value)
        return number

    return checked


def _features(value: str) -> tuple[str, ...]:
    names = tuple(map(_one_of(Feature), value.split("+")))
    if len(set(names)) < len(names):
        raise ValueError(value)
    return names


def _folder(value: str) -> Path:
    if not Path(value).is_dir():
        raise ValueError(value)
    return Path(value)


_KEYS = {
    "style": _Key("system", "style", _one_of(Followed), f"one of {', '.join(FOLLOWED)}"),
    "guidance": _Key("model", "guidance", _at_least_one(float), "a number from 1, which is none"),
    "sampler": _Key("model", "sampler", _one_of(Sampler), f"one of {_words(Sampler)}"),
    "steps": _Key("model", "steps", _at_least_one(int), "a whole number from 1"),
    "without": _Key("model", "without", _features, f"some of {_words(Feature)}, with + between"),
    "window": _Key("music", "window_s", _at_least_one(Fraction), "a length in seconds"),
    "join": _Key("music", "join", _one_of(Join), f"one of {_words(Join)}"),
    "lora": _Key("system", "lora", _folder, "the folder of an adapter"),
    "ditto-steps": _Key("model", "ditto_steps", _at_least_one(int), "a whole number from 1"),
}
