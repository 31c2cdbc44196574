"""Folders of music videos, as the datasets EmoMV and HIMV are laid out (paper appendix B.2).

EmoMV (Thao et al. 2022; folders DS1_EmoMV_A, DS2_EmoMV_B, DS3_EmoMV_C) has lists without headings
in `annotation/*_labels.csv`: folder, name, 1 for matched, two emotions, their two numbers. Pairs
that match are taken, whole or in intervals of 10 s. Its lists split by clip; here a video's clips
stay together, since parts of one song in training and in test would be no test.

HIMV (Hong et al. 2018) is a list of addresses; what was downloaded is a folder of files called by
their video's number, with the sound in files of the same name where it was saved apart. Two
intervals of 10 s are taken from the middle of each, as the paper does.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from otio_hpm.dataset.clip import INTERVAL_S, Facts
from otio_hpm.dataset.film_file import film_segment, movie_length_s
from otio_hpm.dataset.segment import Segment
from otio_hpm.errors import DatasetError, MediaError
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.media import MediaFile, MediaFinder
from otio_hpm.timeline.media_folders import MAX_FILES, PICTURE_SUFFIXES

_LABELS = "*_labels.csv"
_SOUNDS = frozenset({".aac", ".flac", ".m4a", ".mp3", ".oga", ".ogg", ".opus", ".wav"})
_EMOTIONS = re.compile(r"(exciting|fear|tense|sad|relax)_(?=.)", re.I)
_PART_A = re.compile(r"(.+?)-\d+-of-\d+")
_SHORT_S = Fraction(1, 10)
"""What clips of ten seconds lack where they were cut at frames of another rate."""
_PART_C = re.compile(r"(.{11})_\d\d")
"""A video's number and which ten seconds of it."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a folder gives."""

    segments: tuple[Segment, ...]
    warnings: tuple[str, ...]


def read_folder(folder: Path) -> Found:
    """The pairs of a folder of music videos. Raises DatasetError where there are none."""
    files = _Files(folder)
    labels = sorted(path for path in folder.rglob(_LABELS) if path.parent.name == "annotation")
    found = _emomv(folder, labels, files) if labels else _himv(files)
    if not found.segments:
        raise DatasetError(
            f"{folder} holds no music videos that can be read",
            hint="; ".join(found.warnings[:3])
            or "Give a list of films (.csv), a timeline, or a folder of movies.",
        )
    return found


class _Files:
    """Movies and sounds of a folder by their names without endings, which may differ in case."""

    def __init__(self, folder: Path) -> None:
        self._finder = MediaFinder(folder, MediaSettings())
        self.movies: dict[str, list[Path]] = {}
        self._sounds: dict[str, Path] = {}
        count = 0
        for parent, folders, names in os.walk(folder):
            folders.sort()
            count += len(names)
            if count > MAX_FILES:
                raise DatasetError(f"{folder} holds more than {MAX_FILES} files")
            for path in (Path(parent, name) for name in sorted(names)):
                if path.suffix.casefold() in _SOUNDS:
                    self._sounds.setdefault(path.stem, path)
                elif path.suffix.casefold() in PICTURE_SUFFIXES:
                    self.movies.setdefault(path.stem, []).append(path)

    def movie(self, path: Path) -> MediaFile:
        """A movie, probed. Raises MediaError for any other file."""
        media = self._finder.probe(path)
        movie_length_s(media)
        return media

    def audio(self, media: MediaFile, start_s: Fraction) -> tuple[Path, Fraction] | None:
        """The file with a movie's sound, where that was saved apart."""
        path = None if media.has_audio else self._sounds.get(media.path.stem)
        return (path, start_s) if path else None


def _emomv(folder: Path, labels: list[Path], files: _Files) -> Found:
    segments, missing, unread = [], 0, []
    named = {key: value for path in labels for key, value in _matched(path)}
    for (place, name), (emotion, where) in named.items():
        path = _in_place(files.movies.get(name, []), place)
        if path is None:
            missing += 1
            continue
        facts = Facts(film=video_of(name), genres=(emotion,))
        try:
            media = files.movie(path)
            audio = files.audio(media, Fraction(0))
            whole_s = _full_length_s(media)
            segments.append(film_segment(media, facts, where, Fraction(0), whole_s, audio))
        except MediaError as error:
            unread.append(error.message)
    told = [f"{missing} of {len(named)} pairs have no movie in {folder}"] if missing else []
    return Found(segments=tuple(segments), warnings=(*told, *unread))


def _matched(path: Path) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """(folder, name) of each pair that matches, its emotion, and where that is said."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file, strict=True), start=1):
                if not row:
                    continue
                if len(row) != 7 or row[2] not in ("0", "1"):
                    raise DatasetError(
                        f"{path}, row {number}, is not as EmoMV writes it",
                        hint="Its rows are: folder, name, 0 or 1, two emotions, two numbers.",
                    )
                place = row[0].replace("\\", "/").strip("/").rpartition("/")[2]
                if row[2] == "1":
                    yield (place, row[1]), (row[3].casefold(), f"{path.name}, row {number}")
    except (OSError, UnicodeError, csv.Error) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error


def _in_place(paths: list[Path], place: str) -> Path | None:
    """The file in the folder that a list names, else the only one with its name."""
    inside = [path for path in paths if path.parent.name.casefold() == place.casefold()]
    return inside[0] if inside else paths[0] if len(paths) == 1 else None


def video_of(name: str) -> str:
    """The video that a clip of EmoMV was cut from, as far as its name tells."""
    name = _EMOTIONS.sub("", name, count=1) if _EMOTIONS.match(name) else name
    part = _PART_A.fullmatch(name) or _PART_C.fullmatch(name)
    return part[1] if part else name


def _himv(files: _Files) -> Found:
    segments, unread = [], []
    for paths in files.movies.values():
        for path in paths:
            try:
                segments.append(_middle(path, files))
            except MediaError as error:
                unread.append(error.message)
    return Found(segments=tuple(segments), warnings=tuple(unread))


def _middle(path: Path, files: _Files) -> Segment:
    """Two intervals from the middle of a movie, one where it has no two, or what there is."""
    media = files.movie(path)
    whole_s = _full_length_s(media)
    intervals = max(1, min(2, int(whole_s // INTERVAL_S)))
    length_s = min(whole_s, Fraction(intervals * INTERVAL_S))
    start_s = (whole_s - length_s) / 2
    audio = files.audio(media, start_s)
    return film_segment(media, Facts(film=path.stem), path.name, start_s, start_s + length_s, audio)


def _full_length_s(media: MediaFile) -> Fraction:
    """Length of a movie; ten seconds less a few frames are ten."""
    whole_s = movie_length_s(media)
    missing_s = -whole_s % INTERVAL_S
    return whole_s + missing_s if missing_s <= _SHORT_S else whole_s
