"""Marks: which markers ask for music, and the settings and note in what the editor wrote.

The text of a mark is `SCORE key=value key="quoted value" words of the note`. Spaces around `=` are
allowed; quotes may be straight or typographic. Text that holds `=` and is no setting is quoted.
A marker that begins with HIT or LEVEL instead asks for no music, but wishes something of it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, Protocol

from otio_hpm.errors import MarkError, SettingsError
from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.cue import Mark
from otio_hpm.timeline.mark_values import KEYS, value_of

Word = Literal["score", "hit", "level"]
_WORDS: dict[Word, re.Pattern[str]] = {
    "score": re.compile(r"\s*score(?!\w)", re.I),
    "hit": re.compile(r"\s*hit(?!\w)", re.I),
    "level": re.compile(r"\s*level(?!\w)", re.I),
}
_WISHES: tuple[Word, ...] = ("hit", "level")
_SEPARATORS = " \t\r\n:;,.-–—|/"
_BEFORE_A_NUMBER = " \t\r\n:;,|/="
"""Separators that are no part of a number."""
_QUOTES = {'"': '"', "'": "'", "“": "“”", "”": "”", "„": "“”", "«": "»", "»": "«", "‘": "‘’"}
_QUOTED = "|".join(
    f"{opening}(?:[^{closing}]|[{closing}](?![\\s,;]|$))*[{closing}](?=[\\s,;]|$)"
    for opening, closing in _QUOTES.items()
)
_TOKEN = re.compile(
    rf"(?=\S)(?:(?P<key>[^\s=,;\"'“”„«»‘]*+)\s*+=\s*(?P<value>{_QUOTED}|[^\s]*)[,;]*"
    rf"|(?P<word>{_QUOTED}|[^\s=]+))"
)
_NOTE_KEYS = ("note", "comment")
_SETTINGS = KEYS.keys() - {"cue"}
"""Keys that our own links in a marker's metadata do not have."""

_Said = tuple[str | None, tuple[str, ...]]
"""What makes a marker a mark, None where nothing does, and the texts beside it."""


@dataclass(frozen=True, kw_only=True)
class MarkText:
    """What a marker that is a mark says, or one that wishes something."""

    word: Word = "score"
    """`score` is a mark; `hit` and `level` are wishes."""
    text: str
    """What the editor wrote, whole."""
    body: str
    """The part of it that holds settings and note."""
    beside: tuple[str, ...] = ()
    """Texts of a mark after the one that makes it one; settings in them may be meant, or not."""
    carried: Any = None
    """Settings in its metadata rather than in its text: a string, a mapping, or None."""
    astray: tuple[str, ...] = ()
    """Keys of settings that are beside `settings` in its metadata, where they set nothing."""
    earlier_number: str | None = None
    """The cue number that an earlier scoring gave it."""


class MarkChoice:
    """Decides which markers are marks: those that say SCORE, or those the settings choose instead.

    Raises SettingsError for a pattern that is no regular expression.
    """

    def __init__(self, settings: SpottingSettings) -> None:
        self._colors = {color.strip().casefold() for color in settings.mark_colors}
        try:
            self._pattern = re.compile(settings.mark) if settings.mark is not None else None
        except (re.error, RecursionError, OverflowError) as error:
            raise SettingsError(
                f"--mark {settings.mark!r} is not a regular expression: {error}",
                hint="Put a backslash before characters such as ( or * that are meant as they are.",
            ) from error

    def read_all(self, marker: Any) -> tuple[MarkText, ...]:
        """What a marker says, that it is a mark or else what it wishes; empty for all others."""
        mark = self.read(marker)
        return (mark,) if mark else tuple(_wishes(texts_of(marker)))

    def read(self, marker: Any) -> MarkText | None:
        """What a marker says, or None where it is no mark."""
        ours = marker.metadata.get("otio_hpm")
        texts = texts_of(marker)
        if _after_word(texts) is None and next(_wishes(texts), None):
            return None
        body, beside = self._chosen(marker, texts) if self._chooses_others else _said(texts)
        if body is None and ("otio_hpm" not in marker.metadata or self._chooses_others):
            return None
        whole = " ".join(texts)
        links = ours if hasattr(ours, "get") else {}
        return MarkText(
            text=whole,
            body=whole if body is None else body,
            beside=beside,
            carried=ours if isinstance(ours, str) else links.get("settings"),
            astray=tuple(str(key) for key in links if str(key).casefold() in _SETTINGS),
            earlier_number=cue_number(links.get("cue")),
        )

    @property
    def _chooses_others(self) -> bool:
        return self._pattern is not None or bool(self._colors)

    def _chosen(self, marker: Any, texts: list[str]) -> _Said:
        """What a marker says that pattern or colour choose; after SCORE, where it says that."""
        found, score = self._found(marker, texts), _said(texts)
        return found if found[0] is None or score[0] is None else score

    def _found(self, marker: Any, texts: list[str]) -> _Said:
        for index, text in enumerate(texts):
            if self._pattern and (match := self._pattern.search(text)):
                at_start = not text[: match.start()].strip() and match.end() > match.start()
                return (text[match.end() :], tuple(texts[index + 1 :])) if at_start else (text, ())
        is_colored = str(marker.color or "").strip().casefold() in self._colors
        return (" ".join(texts) if is_colored else None), ()


def texts_of(marker: Any) -> list[str]:
    """Name, comment and the notes in vendors' metadata, without empty ones.

    Each once: copies may differ in line ends and other blanks.
    """
    found = [marker.name, marker.comment, *_notes(marker.metadata)]
    for vendor, metadata in marker.metadata.items():
        if vendor != "otio_hpm" and hasattr(metadata, "items"):
            found += _notes(metadata)
    texts: dict[str, str] = {}
    for text in found:
        if isinstance(text, str) and text.strip():
            texts.setdefault(" ".join(text.split()), text.strip())
    return list(texts.values())


def parse_mark(body: str) -> tuple[dict[str, str], str]:
    """Settings as written (keys in lower case) and note of a mark's text.

    Raises MarkError, without saying where, for a key given twice or a quote that does not end.

    >>> parse_mark('style=melody Maestro="my cue.wav" slow, dark')
    ({'style': 'melody', 'maestro': 'my cue.wav'}, 'slow, dark')
    """
    settings: dict[str, str] = {}
    words = []
    for token in _TOKEN.finditer(body.strip(_SEPARATORS)):
        if token["word"] is not None:
            words.append(_unquoted(token["word"]))
            continue
        key = token["key"].casefold().replace("-", "_")
        if key in settings:
            raise MarkError(f"{key} is given twice", hint=f"Leave one {key}= in the marker.")
        settings[key] = _value(key, token["value"])
    return settings, " ".join(words).strip(_SEPARATORS)


def read_text(said: MarkText) -> tuple[dict[str, str], str]:
    """Settings and note of a mark; its text goes before its metadata. Raises as `parse_mark`.

    A text beside it holds settings where all that looks like one is a known key that is not set
    otherwise yet; else it is words of the note, such as a link or somebody's remark.
    """
    settings, note = parse_mark(said.body)
    for text in said.beside:
        more, words = _settings_or_words(text)
        if any(settings.get(key, value) != value for key, value in more.items()):
            more, words = {}, text
        settings |= more
        note = " ".join(filter(None, (note, words)))
    return {**_carried(said.carried), **settings}, note


def values_of(mark: Mark, rate: Fraction) -> dict[str, Any]:
    """The mark's settings as values; raises MarkError naming marker, timecode and keys.

    Frames and timecode in durations count at `rate`.
    """
    try:
        return {key: value_of(key, text, rate) for key, text in mark.settings.items()}
    except MarkError as error:
        raise located(mark, error) from error


class Described(Protocol):
    """A marker as messages name it: what it says, what it is on, and its record timecode."""

    @property
    def text(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def timecode(self) -> str: ...


def located(mark: Described, error: MarkError) -> MarkError:
    """The same error, beginning with the marker and its timecode."""
    return MarkError(f"{describe(mark)}: {error.message}", hint=error.hint)


def describe(mark: Described) -> str:
    """A mark in words, for messages."""
    text = textwrap.shorten(mark.text, 60, placeholder=" ...") or "without text"
    return f"marker {text!r} on {mark.owner} at {mark.timecode}"


def _wishes(texts: list[str]) -> Iterator[MarkText]:
    """HIT and LEVEL in a marker's texts."""
    for word in _WISHES:
        if (body := _after_word(texts, word, _BEFORE_A_NUMBER)) is not None:
            yield MarkText(word=word, text=" ".join(texts), body=body)


def _said(texts: list[str]) -> _Said:
    """What a marker says that begins with SCORE, and its texts after that which do not."""
    body = _after_word(texts)
    marks = [index for index, text in enumerate(texts) if _WORDS["score"].match(text)]
    others = [(index, text) for index, text in enumerate(texts) if index not in marks]
    if body is None or body == " ".join(text for _, text in others):
        return body, ()
    return body, tuple(text for index, text in others if index > marks[0])


def _settings_or_words(text: str) -> tuple[dict[str, str], str]:
    try:
        settings, words = parse_mark(text)
    except MarkError:
        return {}, text
    return (settings, words) if settings.keys() <= KEYS.keys() else ({}, text)


def _after_word(
    texts: list[str], word: Word = "score", separators: str = _SEPARATORS
) -> str | None:
    """What follows a word; where nothing follows it, the marker's other texts."""
    pattern = _WORDS[word]
    says = [
        text[match.end() :].strip(separators) for text in texts if (match := pattern.match(text))
    ]
    others = " ".join(text for text in texts if not pattern.match(text))
    return next(filter(None, says), others) if says else None


def _notes(metadata: Any) -> list[Any]:
    return [value for key, value in metadata.items() if str(key).casefold() in _NOTE_KEYS]


def _carried(settings: Any) -> dict[str, str]:
    if isinstance(settings, str):
        return parse_mark(settings)[0]
    if hasattr(settings, "items"):
        return {str(key).casefold(): str(value) for key, value in settings.items()}
    return {}


def cue_number(cue: Any) -> str | None:
    """What metadata say is a cue's number; None for what can be none."""
    try:
        return str(value_of("cue", str(cue), Fraction(1))) if cue else None
    except MarkError:
        return None


def _value(key: str, text: str) -> str:
    if text[:1] in _QUOTES and _unquoted(text) == text:
        raise MarkError(
            f"the quote after {key}= does not end", hint=f'Close it, as in {key}="a value".'
        )
    return _unquoted(text) if text[:1] in _QUOTES else text.rstrip(",;")


def _unquoted(text: str) -> str:
    closing = _QUOTES.get(text[:1], "")
    return text[1:-1] if len(text) > 1 and text[-1] in closing else text
