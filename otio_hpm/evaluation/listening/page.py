"""The page of a blind listening test: a folder to be opened anywhere and offline."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundfile
from jinja2 import Environment, PackageLoader, StrictUndefined

from otio_hpm.errors import OutputError
from otio_hpm.evaluation.listening.answers import GRADES, SCALES
from otio_hpm.evaluation.listening.key import (
    ANCHOR,
    REFERENCE,
    Blinded,
    Key,
    draw_key,
    hidden_name,
    write_key,
)
from otio_hpm.evaluation.listening.pieces import Clips, Sound, find_clips, sounds
from otio_hpm.folders import write_folder
from otio_hpm.timing import SAMPLE_RATE

LISTENERS = 24
"""Codes that are made where no number is asked for."""


@dataclass(frozen=True, kw_only=True)
class ListeningTest:
    """A test that was made."""

    page: Path
    """What listeners open; they get its whole folder."""
    key: Path
    """What its pieces are; they do not get this."""
    listeners: tuple[str, ...]
    """A code for each of them."""
    clips: tuple[str, ...]
    """The clips that are heard."""
    pieces: int
    """How many pieces each listener rates."""
    seconds: float
    """How long these last together."""
    warnings: tuple[str, ...]
    """What is left out or unlike the rest."""


def make_listening_test(
    folder: Path, reference: Path, systems: Mapping[str, Path], *, pictures: Path | None = None,
    title: str = "Listening test", listeners: int = LISTENERS, most_clips: int | None = None,
    seed: int | None = None,
) -> ListeningTest:  # fmt: skip
    """Write the page's folder, and beside it the key, `FOLDER.key.json`.

    Each listener rates each piece by itself on scales of five grades (absolute category rating,
    ITU-T P.800), in an order of the listener's own. Among them are the hidden reference and the
    low anchor (ITU-R BS.1534-3). `fit` is asked for where a picture is shown. No name, date or
    metadata of a file is in the page; the seed is drawn where none is given, since whoever knows
    it can tell what the pieces are.

    Raises OutputError for a folder or key that exists, DatasetError where no clip is in all
    folders, MediaError for one that cannot be played.
    """
    key_file = folder.with_name(f"{folder.name}.key.json")
    if key_file.exists():
        raise OutputError(f"{key_file} exists already", hint="Choose another folder.")
    seed = secrets.randbits(64) if seed is None else seed
    clips = find_clips(reference, systems, pictures, most_clips, seed)
    scales = SCALES if clips.pictures else SCALES[:2]
    names = (REFERENCE, ANCHOR, *systems)
    blinded = [Blinded(system=name, clip=clip) for clip in clips.files for name in names]
    key = draw_key(blinded, scales, listeners, seed)
    seconds, warnings = _write_page(folder, key, clips, title)
    write_key(key_file, key)
    return ListeningTest(
        page=folder / "index.html", key=key_file, listeners=key.listeners,
        clips=tuple(clips.files), pieces=len(key.pieces), seconds=seconds,
        warnings=(*clips.warnings, *warnings),
    )  # fmt: skip


def _write_page(folder: Path, key: Key, clips: Clips, title: str) -> tuple[float, list[str]]:
    """The whole folder; how long its pieces last together, and warnings."""
    ids = {(one.system, one.clip): piece for piece, one in key.pieces.items()}
    contents: dict[str, bytes | Path] = {}
    movies = {}
    for clip, path in clips.pictures.items():
        # A name of its own: the reference's would tell which of a clip's sounds it is.
        movies[clip] = f"pictures/{hidden_name(key.seed, 'picture', clip)}{path.suffix.lower()}"
        contents[movies[clip]] = path
    seconds, warnings = 0.0, list[str]()
    with tempfile.TemporaryDirectory() as scratch:
        for clip, files in clips.files.items():
            made, told = sounds(files)
            warnings += told
            for system, sound in made.items():
                name = f"{ids[system, clip]}.flac"
                contents[f"sounds/{name}"] = _encoded(Path(scratch, name), sound)
                seconds += sound.shape[1] / SAMPLE_RATE
        contents["index.html"] = _page(key, movies, title).encode("utf-8")
        # In the order of their names: dates of files must not tell whose they are.
        write_folder(folder, {name: contents[name] for name in sorted(contents)})
    return seconds, warnings


def _encoded(path: Path, sound: Sound) -> Path:
    """FLAC with nothing but the sound. (2, samples)"""
    soundfile.write(path, sound.T, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return path


def _page(key: Key, movies: Mapping[str, str], title: str) -> str:
    pieces = sorted(key.pieces)
    number = {piece: n for n, piece in enumerate(pieces)}
    data: dict[str, Any] = {
        "test": key.test,
        "scales": key.scales,
        "pieces": pieces,
        "movies": [movies.get(key.pieces[piece].clip) for piece in pieces],
        "orders": {code: [number[p] for p in key.order(code)] for code in key.listeners},
    }
    environment = Environment(
        loader=PackageLoader("otio_hpm.evaluation.listening", "."),
        autoescape=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("page.html").render(
        title=title, scales=key.scales, grades=GRADES, pictured=bool(movies), data=data
    )
