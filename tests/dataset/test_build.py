"""A dataset of small films: cut, cleaned, counted, and the same bytes however it is built."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from small_films import music, write_film

from otio_hpm.dataset import build as building
from otio_hpm.dataset.build import BuildOptions, build
from otio_hpm.dataset.clip import SPLITS, Dropped, Facts
from otio_hpm.dataset.film_file import film_segment
from otio_hpm.dataset.index import INDEX, read_lines
from otio_hpm.dataset.reader import Dataset
from otio_hpm.dataset.segment import Segment
from otio_hpm.dataset.splitting import Splitting
from otio_hpm.dataset.verifying import verify
from otio_hpm.errors import DatasetError
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.media import MediaFinder

FLASHES = (Fraction(23, 10), Fraction(123, 10), Fraction(197, 10))


def segment(path: Path, film: str, start: float = 0, end: float | None = None) -> Segment:
    media = MediaFinder(path.parent, MediaSettings()).probe(path)
    stop = media.duration_s if end is None else Fraction(end)
    facts = Facts(film=film, composer="C. M.", genres=("drama",))
    return film_segment(media, facts, f"{path.name}, row 2", Fraction(start), stop)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_film(folder / "long.mov", 25, 1, flashes=FLASHES)
    write_film(folder / "short.mov", 9, 2)
    write_film(folder / "quiet.mov", 11, 3, level=1e-4)
    write_film(folder / "copy.mp4", 20, 1, flashes=FLASHES, rate=25, sound_rate=44_100,
               size=(128, 72))  # fmt: skip
    write_film(folder / "other.mov", 11, 4, rate=Fraction(24_000, 1001))
    return folder


NAMES = ("long.mov", "short.mov", "quiet.mov", "copy.mp4", "other.mov")


def segments(films: Path) -> list[Segment]:
    return [segment(films / name, name) for name in NAMES]


@pytest.fixture(scope="module")
def made(films: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    build(segments(films), folder, BuildOptions())
    return folder


def test_segments_are_cut_into_ten_seconds_and_the_rest_is_counted(made: Path) -> None:
    kept = [
        (clip.entry.source, clip.entry.start_s, clip.entry.samples) for clip in Dataset.open(made)
    ]
    assert kept == [
        ("long.mov", 0, 491_520),
        ("long.mov", 10, 491_520),
        ("other.mov", 0, 491_520),
    ]
    dropped = [entry for _, entry in read_lines(made / INDEX) if isinstance(entry, Dropped)]
    told = [(one.source, one.reason, round(float(one.duration_s), 2)) for one in dropped]
    assert told == [
        ("long.mov", "rest", 5),
        ("short.mov", "short", 9),
        ("quiet.mov", "silence", 10),
        ("quiet.mov", "rest", 1),
        ("copy.mp4", "duplicate", 10),
        ("copy.mp4", "duplicate", 10),
        ("other.mov", "rest", 0.97),
    ]
    assert dropped[4].detail == "it looks and sounds like clip 0"
    assert verify(made, decode=True) == []


def test_picture_and_sound_stay_together_in_every_clip(made: Path) -> None:
    """Flash and click are at the same moment of the film, to the frame and to the sample."""
    for clip, flash_s in zip(Dataset.open(made)[:2], (FLASHES[0], FLASHES[1] - 10), strict=True):
        light = clip.frames(count=None).mean(axis=(1, 2, 3))
        white = np.flatnonzero(light > 240)
        assert white[0] == flash_s * 10
        sound = clip.sound()
        assert np.flatnonzero(np.abs(sound) > 0.9)[0] == flash_s * 48_000


def test_the_window_goes_on_into_the_next_clip(made: Path) -> None:
    first, second = Dataset.open(made)[:2]
    assert np.array_equal(first.sound()[480_000:], second.sound()[: 491_520 - 480_000])
    truth = music(25, 1, FLASHES, 0.2, 48_000)
    assert np.abs(second.sound() - truth[480_000:971_520]).max() < 1e-3
    assert first.entry.frames == 308
    ahead = np.abs(first.frames((16, 12), None)[100:].astype(int) - second.frames((16, 12))[:3])
    assert ahead.mean() < 4


def test_a_segment_of_exactly_ten_seconds_is_one_clip_of_ten(films: Path, tmp_path: Path) -> None:
    build([segment(films / "long.mov", "x", 12, 22)], tmp_path, BuildOptions())
    clip = Dataset.open(tmp_path)[0]
    assert (clip.entry.samples, clip.entry.frames) == (480_000, 300)
    truth = music(25, 1, FLASHES, 0.2, 48_000)[12 * 48_000 : 22 * 48_000]
    assert np.abs(clip.sound() - truth).max() < 1e-3
    assert len(clip.sound(16_000, 163_840)) == 163_840
    assert len(clip.frames()) == 103


def test_a_build_that_was_killed_goes_on_to_the_same_bytes(
    films: Path, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = building.encode_picture
    left = 0

    def killed(frames: np.ndarray) -> bytes:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return encode(frames)

    monkeypatch.setattr(building, "encode_picture", killed)
    for left in (0, 1, 1):  # noqa: B007
        with pytest.raises(KeyboardInterrupt):
            build(segments(films), tmp_path, BuildOptions())
        with pytest.raises(DatasetError, match="not finished"):
            Dataset.open(tmp_path)
    left = 9
    heard: list[tuple[int, int]] = []
    build(segments(films), tmp_path, BuildOptions(), lambda done, of: heard.append((done, of)))
    assert heard[-1] == (10, 10)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        p.name: p.read_bytes() for p in made.iterdir()
    }


def test_a_finished_dataset_is_left_as_it_is(films: Path, made: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in made.iterdir()}
    assert build(segments(films), made, BuildOptions()).clips["train"] >= 0
    assert {p: p.stat().st_mtime_ns for p in made.iterdir()} == before


def test_other_films_or_options_are_refused(films: Path, made: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="begun with other films"):
        build(segments(films)[:2], made, BuildOptions())
    with pytest.raises(DatasetError, match="begun with other seed"):
        build(segments(films), made, BuildOptions(splitting=Splitting(seed=5)))
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(DatasetError, match="holds other files"):
        build(segments(films), tmp_path, BuildOptions())
    assert (tmp_path / "letters.txt").read_text() == "mine"


def test_films_that_do_not_decode_cost_only_their_clips(films: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mov"
    data = (films / "long.mov").read_bytes()
    middle = len(data) // 8
    broken.write_bytes(data[:middle] + bytes(len(data) // 2) + data[middle + len(data) // 2 :])
    parts = [segment(broken, "broken"), segment(films / "other.mov", "other")]
    summary = build(parts, tmp_path / "made", BuildOptions())
    sources = {clip.entry.source for clip in Dataset.open(tmp_path / "made")}
    assert "other.mov" in sources
    assert sum(summary.dropped.values()) + sum(summary.clips.values()) == 5


def test_dialogue_is_taken_out_with_what_is_heard_around(films: Path, tmp_path: Path) -> None:
    """The remover hears four seconds on both sides, inside the segment."""
    heard: list[int] = []

    def half(sound: np.ndarray) -> np.ndarray:
        heard.append(sound.shape[1])
        return np.float32(sound / 2)

    part = segment(films / "long.mov", "x", 0, 24.5)
    build([part], tmp_path, BuildOptions(remover=half))
    assert heard == [683_520, 875_520]  # 14.24 and 18.24 s
    truth = music(25, 1, FLASHES, 0.2, 48_000)[480_000:971_520] / 2
    assert np.abs(Dataset.open(tmp_path)[1].sound() - truth).max() < 1e-3


def test_the_index_tells_what_is_wrong_with_a_copy(made: Path, tmp_path: Path) -> None:
    copied: Callable[[], list[str]] = lambda: verify(tmp_path)  # noqa: E731
    for path in made.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert copied() == []
    shard = next(tmp_path.glob("*.tar"))
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)
    wrong = copied()
    assert wrong[0] == f"{shard.name} is not what was built"
    assert "is not what the index says" in wrong[1]
    (tmp_path / "test-00009.tar").write_bytes(b"")
    assert "test-00009.tar is no part of this dataset" in copied()


def test_no_film_is_in_two_splits(made: Path) -> None:
    splits = {clip.facts.film: set() for clip in Dataset.open(made)}
    for clip in Dataset.open(made):
        splits[clip.facts.film].add(clip.entry.split)
    assert all(len(found) == 1 for found in splits.values())
    assert sum(len(Dataset.open(made, split)) for split in SPLITS) == 3
