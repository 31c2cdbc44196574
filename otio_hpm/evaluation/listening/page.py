"""The page of a blind listening test: one file, to be opened anywhere and offline."""

from __future__ import annotations

import base64
import html
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from otio_hpm.errors import DatasetError
from otio_hpm.evaluation.listening.answers import LEAST, MOST, SCALES, Blinded, Key, write_key
from otio_hpm.files import write_text

_TYPES = {
    ".wav": "audio/wav", ".flac": "audio/flac", ".mp3": "audio/mpeg", ".ogg": "audio/ogg",
    ".mp4": "video/mp4", ".webm": "video/webm",
}  # fmt: skip
_QUESTIONS = {
    "quality": "How good does it sound?",
    "clarity": "How clear is it, free of noise and blur?",
    "fit": "How well does it fit the film?",
}


@dataclass(frozen=True, kw_only=True)
class Stimulus:
    """Something to rate."""

    system: str
    """Who made it; name the hidden reference like a system."""
    clip: str
    """Name of the clip."""
    file: Path
    """WAV, FLAC, MP3, Ogg, or with picture MP4 or WebM; taken into the page as it is."""


def write_listening_test(
    page: Path, key: Path, stimuli: Sequence[Stimulus], title: str, seed: int = 0
) -> Key:
    """Write the page for listeners, and the key that tells what its codes stand for.

    The page holds no name of a system or file. Every visit has an order of its own, and the
    listener saves the answers. Raises DatasetError for media that cannot be read or played, and
    OutputError for files that exist.
    """
    drawn = list(stimuli)
    random.Random(seed).shuffle(drawn)  # codes are told to all: their order must not tell more
    codes = {f"{number:03d}": stimulus for number, stimulus in enumerate(drawn, 1)}
    made = Key(
        test=title,
        codes={code: Blinded(system=s.system, clip=s.clip) for code, s in codes.items()},
    )
    items = "\n".join(_item(code, stimulus.file) for code, stimulus in codes.items())
    write_text(page, _page(title, items))
    write_key(key, made)
    return made


def _item(code: str, file: Path) -> str:
    """A player with its scales."""
    kind = _TYPES.get(file.suffix.lower())
    if kind is None:
        raise DatasetError(f"{file} cannot be played on a page", hint="Use WAV, FLAC or MP4.")
    try:
        content = base64.b64encode(file.read_bytes()).decode("ascii")
    except OSError as error:
        raise DatasetError(f"{file} cannot be read: {error.strerror}") from error
    tag = kind.split("/")[0]
    scales = "".join(_scale(code, scale) for scale in SCALES)
    return f'<section><{tag} controls src="data:{kind};base64,{content}"></{tag}>{scales}</section>'


def _scale(code: str, scale: str) -> str:
    buttons = " ".join(
        f'<label><input type="radio" name="{code}/{scale}" value="{score}"> {score}</label>'
        for score in range(LEAST, MOST + 1)
    )
    return f"<fieldset><legend>{_QUESTIONS[scale]}</legend>bad {buttons} excellent</fieldset>"


def _page(title: str, items: str) -> str:
    name = json.dumps(title).replace("<", "\\u003c")  # nothing may end the script
    return _HEAD.replace("TITLE", html.escape(title)) + items + _SCRIPT.replace("TEST", name)


_HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>TITLE</title>
<style>
body { font: 1rem/1.5 sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem }
section { border-top: 1px solid #999; padding: 1rem 0 }
audio, video { width: 100% }
label { padding: 0 .5rem }
</style>
<h1>TITLE</h1>
<p>Listen to each piece to its end, with headphones if you can, and rate it from 1 to 5. Then save
your answers at the bottom, and send the file to whoever asked you.</p>
<main>
"""
_SCRIPT = """
</main>
<button id="save">Save the answers</button> <span id="left"></span>
<script>
const test = TEST, main = document.querySelector("main"), pieces = [...main.children];
const draw = n => crypto.getRandomValues(new Uint32Array(1))[0] % n;
for (let i = pieces.length; i > 0; i--) main.append(pieces.splice(draw(i), 1)[0]);
const listener = [...crypto.getRandomValues(new Uint32Array(2))].map(n => n.toString(16)).join("");
document.querySelector("#save").onclick = () => {
  const answers = {};
  for (const chosen of document.querySelectorAll("input:checked")) {
    const [code, scale] = chosen.name.split("/");
    (answers[code] ??= {})[scale] = Number(chosen.value);
  }
  const left = document.querySelectorAll("fieldset:not(:has(:checked))").length;
  document.querySelector("#left").textContent = left ? left + " left unanswered" : "all answered";
  const link = document.createElement("a");
  const text = JSON.stringify({ test, listener, answers }, null, 2);
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = "answers-" + listener + ".json";
  link.click();
};
</script>
</html>
"""
