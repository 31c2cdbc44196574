"""What a model with published encoders sees, and what is kept of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from coded_media import write_movie
from tiny_encoders import CLIP_SIZE, bare_model, seeing_model

from otio_hpm.errors import ModelError
from otio_hpm.film.frames import read_frames
from otio_hpm.film.published import view as views
from otio_hpm.film.published.cache import FeatureCache, cache_folder
from otio_hpm.film.published.view import View
from otio_hpm.film.published.watching import Seen, Watcher
from otio_hpm.film.reel import reel_of
from otio_hpm.timeline.picture import Picture, PictureSpan

RATE = Fraction(24)
SIZES = {"semantic": CLIP_SIZE, "aesthetic": 7, "emotion": 8}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeing")
    return seeing_model(folder / "model", folder / "sources")


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("movie") / "roll.mp4"
    write_movie(path, 72, RATE)
    return path


@pytest.fixture
def cache(tmp_path: Path) -> FeatureCache:
    return FeatureCache(tmp_path / "cache")


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[View]:
    """Every view that was decoded."""
    seen: list[View] = []
    original = View.frames

    def frames(self: View, fps: int) -> np.ndarray:
        seen.append(self)
        return original(self, fps)

    monkeypatch.setattr(views.View, "frames", frames)
    return seen


def view_of(movie: Path, seconds: int = 2, **changes: object) -> View:
    reel = reel_of(movie)
    made = View(picture=reel.picture, start_frames=0, end_frames=reel.frames, rate=reel.rate,
                seconds=seconds)  # fmt: skip
    return dataclasses.replace(made, **changes)


def same(first: Seen, second: Seen) -> bool:
    return np.array_equal(first.stacked(), second.stacked()) and np.array_equal(
        first.frames, second.frames
    )


def files(cache: FeatureCache) -> Iterator[Path]:
    return cache.folder.rglob("*.safetensors")


def test_a_row_a_second_as_the_model_reads_it(model, movie, cache) -> None:
    seen = Watcher(model, SIZES, "cpu", kept=cache).look(view_of(movie))
    rows = seen.stacked()
    assert rows.shape == (2, CLIP_SIZE + 7 + 8)
    assert np.array_equal(rows[:, :CLIP_SIZE], seen.semantic)
    assert (seen.semantic[0] != seen.semantic[1]).any()
    score = rows[:, CLIP_SIZE]
    assert score[0] == score[1] > 0
    emotions = rows[:, -8:]
    assert np.array_equal(emotions[0], np.eye(8)[seen.emotion.argmax()])
    assert np.array_equal(emotions[0], emotions[1])
    assert seen.emotion.sum() == pytest.approx(1)


def test_the_measured_frames_are_those_of_the_same_moments(model, movie, cache) -> None:
    view = view_of(movie)
    seen = Watcher(model, SIZES, "cpu", kept=cache).look(view)
    plain = read_frames(view.picture, 0, view.end_frames, RATE, samples=range(20))
    assert seen.frames.shape == (20, 36, 64, 3)
    assert np.abs(seen.frames.astype(int) - plain).mean() < 2


def test_a_view_is_decoded_once_and_computed_once(model, movie, cache, decoded) -> None:
    first = Watcher(model, SIZES, "cpu", kept=cache).look(view_of(movie))
    assert len(decoded) == 1
    again = Watcher(model, SIZES, "cpu", kept=cache)
    again._encoder = None  # what is kept needs no encoder
    assert same(again.look(view_of(movie)), first)
    assert len(decoded) == 1


def test_damaged_entries_are_made_again(model, movie, cache) -> None:
    watcher = Watcher(model, SIZES, "cpu", kept=cache)
    first = watcher.look(view_of(movie))
    damages = (lambda b: b[:20], lambda b: b"", lambda b: b[:-1] + bytes([b[-1] ^ 1]),
               lambda b: b"x" * len(b))  # fmt: skip
    sound = {path: path.read_bytes() for path in files(cache)}
    assert len(sound) == len(damages)
    for (path, content), damage in zip(sound.items(), damages, strict=True):
        path.write_bytes(damage(content))
    assert same(watcher.look(view_of(movie)), first)
    assert {path: path.read_bytes() for path in files(cache)} == sound


def test_another_range_is_another_entry_and_the_same_is_found(model, movie, cache, decoded) -> None:
    watcher = Watcher(model, SIZES, "cpu", kept=cache)
    watcher.look(view_of(movie))
    watcher.look(view_of(movie, first=5))
    assert len(decoded) == 2
    elsewhere = view_of(movie)
    moved = Picture(
        spans=tuple(
            dataclasses.replace(
                span, start_frames=span.start_frames + 100, end_frames=span.end_frames + 100
            )
            for span in elsewhere.picture.spans
        )
    )
    later = {"start_frames": 100, "end_frames": elsewhere.end_frames + 100}
    watcher.look(dataclasses.replace(elsewhere, picture=moved, **later))
    assert len(decoded) == 2


def test_the_same_film_under_another_name_is_found(model, movie, cache, decoded, tmp_path) -> None:
    watcher = Watcher(model, SIZES, "cpu", kept=cache)
    watcher.look(view_of(movie))
    (tmp_path / "copy.mp4").write_bytes(movie.read_bytes())
    watcher.look(view_of(tmp_path / "copy.mp4"))
    assert len(decoded) == 1
    write_movie(tmp_path / "other.mp4", 80, RATE)
    watcher.look(view_of(tmp_path / "other.mp4"))
    assert len(decoded) == 2


def test_another_encoder_looks_again(model, movie, cache, tmp_path) -> None:
    first = Watcher(model, SIZES, "cpu", kept=cache).look(view_of(movie))
    count = len(list(files(cache)))
    changed = seeing_model(tmp_path / "other", tmp_path / "sources")
    told = (changed / "film.json").read_text("utf-8")
    (changed / "film.json").write_text(told.replace('"published"', '"whole"'), "utf-8")
    other = Watcher(changed, SIZES, "cpu", kept=cache).look(view_of(movie))
    assert len(list(files(cache))) == count + 1
    assert np.array_equal(first.semantic, other.semantic)
    assert (first.aesthetic != other.aesthetic).any()


@pytest.mark.parametrize("without", ["semantic", "aesthetic", "emotion"])
def test_what_is_left_out_is_zero_and_not_loaded(model, movie, cache, tmp_path, without) -> None:
    partial = bare_model(tmp_path / "partial")
    for path in model.iterdir():
        (partial / path.name).write_bytes(path.read_bytes())
    file = {"semantic": "clip", "aesthetic": "tavar", "emotion": "cten"}[without]
    (partial / f"{file}.safetensors").unlink()
    seen = Watcher(partial, SIZES, "cpu", (without,), cache).look(view_of(movie))
    assert not getattr(seen, without).any()
    others = set(SIZES) - {without}
    assert all(getattr(seen, other).any() for other in others)
    assert seen.stacked().shape == (2, CLIP_SIZE + 15)


def test_encoders_that_do_not_fit_the_model_are_refused(model, tmp_path) -> None:
    with pytest.raises(ModelError, match="no clip encoder"):
        Watcher(bare_model(tmp_path / "bare"), SIZES, "cpu")
    with pytest.raises(ModelError, match="gives 16 values, and the model was made for 512"):
        Watcher(model, {**SIZES, "semantic": 512}, "cpu")


@pytest.mark.parametrize("speed", [Fraction(1), Fraction(1, 2), Fraction(-2)])
def test_a_stretch_of_media_is_the_same_in_a_longer_and_in_a_shorter_shot(movie, speed) -> None:
    (span,) = view_of(movie).picture.spans
    fading = dataclasses.replace(span.layers[0], speed=speed, media_start_s=Fraction(2))
    fading = dataclasses.replace(fading, opacity_start=Fraction(1), opacity_end=Fraction(1, 3))
    long = dataclasses.replace(span, layers=(fading,), end_frames=72)
    later = dataclasses.replace(
        fading, media_start_s=fading.at(Fraction(1)), opacity_start=Fraction(7, 9)
    )
    short = dataclasses.replace(span, layers=(later,), end_frames=48)
    views = (
        View(picture=Picture(spans=(long,)), start_frames=0, end_frames=72, rate=RATE, first=10,
             seconds=2),
        View(picture=Picture(spans=(short,)), start_frames=0, end_frames=48, rate=RATE, seconds=2),
    )  # fmt: skip
    assert views[0].facts() == views[1].facts()
    assert np.array_equal(views[0].frames(10), views[1].frames(10))
    other = dataclasses.replace(views[0], first=11)
    assert other.facts() != views[0].facts()


def test_an_encoder_that_gives_other_sizes_than_listed_is_refused(movie, cache, tmp_path) -> None:
    model = seeing_model(tmp_path / "model", tmp_path / "sources")
    told = (model / "film.json").read_text("utf-8").replace('"size": 8', '"size": 9')
    (model / "film.json").write_text(told, "utf-8")
    watcher = Watcher(model, {**SIZES, "emotion": 9}, "cpu", kept=cache)
    with pytest.raises(ModelError, match="gives 8 values, not the 9"):
        watcher.look(view_of(movie))


def test_past_the_end_the_last_picture_stands(movie) -> None:
    frames = view_of(movie, 2, first=20).frames(30)
    assert len(frames) == 60
    assert np.array_equal(frames[30], frames[-1])
    assert (frames[0] != frames[29]).any()


def test_frames_at_thirty_and_ten_are_the_same_moments(movie) -> None:
    view = view_of(movie, 2, first=7)
    assert np.array_equal(view.frames(30)[::3], view.frames(10))


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((1920, 1080), (426, 240)), ((1440, 1080), (320, 240)), ((1080, 1920), (240, 426)),
     ((8000, 100), (960, 240)), ((100, 8000), (240, 960))],
)  # fmt: skip
def test_frames_keep_the_picture_s_shape(movie, shape, expected) -> None:
    view = view_of(movie)
    (span,) = view.picture.spans
    media = dataclasses.replace(span.layers[0].media, width=shape[0], height=shape[1])
    layer = dataclasses.replace(span.layers[0], media=media)
    shaped = Picture(spans=(dataclasses.replace(span, layers=(layer,)),))
    size = dataclasses.replace(view, picture=shaped).facts()["size"][:2]
    assert tuple(size) == expected


def test_black_is_seen_too(model, cache) -> None:
    black = Picture(spans=(PictureSpan(start_frames=0, end_frames=48, layers=()),))
    view = View(picture=black, start_frames=0, end_frames=48, rate=RATE, seconds=2)
    seen = Watcher(model, SIZES, "cpu", kept=cache).look(view)
    assert not seen.frames.any()
    assert np.isfinite(seen.stacked()).all()


def test_a_cache_that_cannot_be_written_costs_only_time(model, movie, tmp_path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    watcher = Watcher(model, SIZES, "cpu", kept=FeatureCache(tmp_path / "cache"))
    assert same(watcher.look(view_of(movie)), watcher.look(view_of(movie)))


def test_the_cache_is_in_the_user_s_cache_folder(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "otio-hpm" / "film"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / ".cache" / "otio-hpm" / "film"
