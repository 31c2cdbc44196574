"""Composed pairs: shapes, determinism, pitch, timing, and level that follows the picture."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from otio_hpm.errors import ModelError
from otio_hpm.evaluation.evidence.material import Corpus as Soundfonts
from otio_hpm.evaluation.onsets import onset_density
from otio_hpm.evaluation.ranks import rank_correlation
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.sketch.melody import Melody
from otio_hpm.sketch.model import TICK_SAMPLES
from otio_hpm.timing import SAMPLE_RATE
from otio_hpm.training import cache
from otio_hpm.training.accents import hit_ticks, with_accents
from otio_hpm.training.affect import draw_affect
from otio_hpm.training.cache import (
    Corpus,
    compose_shards,
    load_shards,
    missing_shards,
    window_of,
)
from otio_hpm.training.composer import HELD_OUT_KEYS, compose
from otio_hpm.training.corpus import CorpusStream, Pair, compose_pair, pair_seed, split_of_seed
from otio_hpm.training.notes import TICKS, Note
from otio_hpm.training.orchestration import FLUTE, PIANO
from otio_hpm.training.shots import Kind, Moves
from otio_hpm.training.still_shots import STILL_KINDS
from otio_hpm.training.synthesis import (
    DRY_SAMPLES,
    Synth,
    find_soundfont,
    follow_level,
)


@pytest.fixture(scope="module")
def synth(soundfonts: Soundfonts) -> Synth:
    """One synthesiser for all tests."""
    return Synth(soundfonts.training)


@pytest.fixture(scope="module")
def stream(synth: Synth) -> CorpusStream:
    return CorpusStream()


@pytest.fixture(scope="module")
def pairs(stream: CorpusStream) -> list[Pair]:
    return list(islice(stream.pairs(7), 40))


def test_a_pair_has_the_shapes_the_model_expects(pairs: list[Pair]) -> None:
    for pair in pairs:
        assert pair.audio.shape == (491520,) and pair.audio.dtype == np.float32
        assert pair.frames.shape == (103, 36, 64, 3) and pair.frames.dtype == np.uint8
        assert pair.valence.shape == pair.arousal.shape == (103,)
        assert pair.arousal.min() >= 0.0 and pair.arousal.max() <= 1.0
        assert np.isfinite(pair.audio).all() and np.abs(pair.audio).max() < 0.9


def test_a_pair_does_not_depend_on_those_before_it(synth: Synth) -> None:
    first = compose_pair(3, synth)
    compose_pair(4, synth)
    again = compose_pair(3, synth)
    assert np.array_equal(first.audio, again.audio)
    assert np.array_equal(first.frames, again.frames)


def test_a_stream_resumes_at_any_index(stream: CorpusStream) -> None:
    third = list(islice(stream.pairs(1), 3))[2]
    resumed = next(stream.pairs(1, 2))
    assert np.array_equal(third.audio, resumed.audio)


def test_no_pair_is_in_two_splits() -> None:
    seeds = {
        split: {pair_seed(0, index, split) for index in range(2000)}
        for split in ("train", "development", "test")
    }
    assert len(set.union(*seeds.values())) == 6000
    for split, own in seeds.items():
        assert {split_of_seed(seed) for seed in own} == {split}


def test_held_out_keys_are_composed_in_only_when_asked() -> None:
    def keys(all_keys: bool) -> set[tuple[int, str]]:
        clips = ((np.random.default_rng(seed), seed) for seed in range(300))
        return {
            (section.tonic, section.mode)
            for rng, _ in clips
            for section in compose(draw_affect(rng), rng, all_keys=all_keys)
        }

    assert keys(all_keys=True) & HELD_OUT_KEYS
    assert not keys(all_keys=False) & HELD_OUT_KEYS


def test_everything_that_sounds_is_struck_anew_at_a_hit() -> None:
    met = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        affect = draw_affect(rng)
        for section in compose(affect, rng):
            inside = [t for t in hit_ticks(affect) if section.tick <= t < section.end - 2]
            notes = with_accents(section.notes, section, affect, rng)
            assert all(note.tick + note.ticks <= section.end for note in notes)
            for tick in inside:
                struck = [note for note in notes if note.tick == tick]
                through = [n for n in notes if n.tick < tick < n.tick + n.ticks]
                before = [n for n in section.notes if n.tick <= tick < n.tick + n.ticks]
                assert not through and len(struck) > len(before)
                met += 1
            if not inside:
                assert notes == section.notes
    assert met > 20


def test_a_hit_is_seen_and_heard(pairs: list[Pair]) -> None:
    rises, changes = [], []
    for pair in pairs:
        for frame in pair.hits:
            at = frame * SAMPLE_RATE // 10
            before, after = pair.audio[at - 4800 : at], pair.audio[at : at + 9600]
            rises.append(20 * np.log10((after.std() + 1e-4) / (before.std() + 1e-4)))
            cut = np.abs(np.diff(pair.frames[frame - 1 : frame + 1].astype(int), axis=0)).mean()
            changes.append(cut > 2 * np.abs(np.diff(pair.frames.astype(int), axis=0)).mean())
    assert len(rises) > 20
    assert np.median(rises) > 3 and np.mean(changes) > 0.6


def test_a_sustained_a_is_440_hz(synth: Synth) -> None:
    note = Note(tick=0, ticks=TICKS, key=69, velocity=100, program=FLUTE)
    tone = synth.in_room(synth.render((note,)), 0)[48000 : 4 * 48000]
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), 1 << 20))
    hertz = np.arange(len(spectrum)) * SAMPLE_RATE / (1 << 20)
    near = (hertz > 415) & (hertz < 466)
    found = hertz[near][spectrum[near].argmax()]
    assert abs(1200 * np.log2(found / 440)) < 8


def test_a_note_begins_at_its_tick(synth: Synth) -> None:
    note = Note(tick=50, ticks=20, key=72, velocity=120, program=PIANO)
    audio = synth.in_room(synth.render((note,)), 0)
    onset = int(np.argmax(np.abs(audio) > 0.1 * np.abs(audio).max()))
    assert 0 <= onset - 50 * TICK_SAMPLES < 0.02 * SAMPLE_RATE


def test_missing_shards_are_composed_and_others_left(synth: Synth, tmp_path: Path) -> None:
    config = ModelConfig.load(model_folder("debug") / "config.json")
    corpus = Corpus(folder=tmp_path, scores=None, soundfont=find_soundfont(), config=config, seed=4)
    (path,) = compose_shards(corpus, 2)
    made = load_shards(tmp_path)
    second = window_of(compose_pair(pair_seed(4, 1), synth), config)
    assert len(made) == 2
    assert torch.equal(made.melody[1], second["melody"])
    assert torch.equal(made.spectrogram[1], second["spectrogram"])
    stamp = path.stat().st_mtime_ns
    assert not list(compose_shards(corpus, 2))
    assert path.stat().st_mtime_ns == stamp


class _Here:
    """Stands in for a pool of processes: tasks are done one by one, as their results are read."""

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> _Here:
        return self

    def __exit__(self, *_: object) -> None: ...

    map = staticmethod(map)


def _fake_shard(folder: Path, start: int, rows: int) -> None:
    numbers = torch.arange(start, start + rows, dtype=torch.float32)
    save_file(
        {
            "spectrogram": numbers[:, None, None].expand(-1, 2, 2).contiguous().half(),
            "melody": torch.zeros(rows, 2, dtype=torch.int8),
            "dynamics_db": torch.zeros(rows, 2).half(),
            "accents": torch.zeros(rows, 2, dtype=torch.bool),
            "descriptors": torch.zeros(rows, 1, 2),
        },
        folder / f"windows_{start:09d}.safetensors",
    )


def test_shards_that_are_missing_short_or_damaged_are_told(tmp_path: Path) -> None:
    assert missing_shards(tmp_path, 3) == [(0, 3)]
    for start, rows in ((0, 200), (200, 100), (600, 200), (800, 200)):
        _fake_shard(tmp_path, start, rows)
    assert missing_shards(tmp_path, 300) == []
    assert missing_shards(tmp_path, 800) == [(200, 400), (400, 600)]
    (tmp_path / "windows_000000600.safetensors").write_bytes(b"half a shard")
    assert missing_shards(tmp_path, 801) == [(200, 400), (400, 600), (600, 800)]


def test_as_many_windows_are_loaded_as_asked_for(tmp_path: Path) -> None:
    for start, rows in ((0, 200), (200, 50)):
        _fake_shard(tmp_path, start, rows)
    for limit, count in ((None, 250), (120, 120), (200, 200), (230, 230), (999, 250)):
        made = load_shards(tmp_path, limit)
        assert made.spectrogram[:, 0, 0].tolist() == list(range(count))
        assert made.spectrogram.shape == (count, 2, 2) and made.melody.dtype == torch.int8


def test_no_shard_is_begun_after_the_time_given(
    synth: Synth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "ProcessPoolExecutor", _Here)
    monkeypatch.setattr(cache, "SHARD_WINDOWS", 1)
    monkeypatch.setattr(cache, "_instruments", lambda *_: (synth, None))
    config = ModelConfig.load(model_folder("debug") / "config.json")
    corpus = Corpus(folder=tmp_path, scores=None, soundfont=find_soundfont(), config=config)
    assert not list(compose_shards(corpus, 2, seconds=-1))
    moments = iter([0.0, 1.0, 3.0])
    with monkeypatch.context() as patch:
        patch.setattr(cache, "time", SimpleNamespace(time=lambda: next(moments)))
        (first,) = compose_shards(corpus, 2, seconds=2)
    (second,) = compose_shards(corpus, 2)
    assert [first, second] == sorted(tmp_path.iterdir())


def test_a_process_that_is_killed_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(_Here):
        @staticmethod
        def map(*_: object) -> None:
            raise BrokenProcessPool

    monkeypatch.setattr(cache, "ProcessPoolExecutor", Killed)
    config = ModelConfig.load(model_folder("debug") / "config.json")
    corpus = Corpus(folder=tmp_path, scores=None, soundfont=tmp_path, config=config)
    with pytest.raises(ModelError, match="ended from outside"):
        list(compose_shards(corpus, 2))


def test_a_process_tells_what_is_wrong_with_a_soundfont(
    train_extra: Callable[[str], Any], tmp_path: Path
) -> None:
    train_extra("tinysoundfont")
    (tmp_path / "broken.sf2").write_bytes(b"RIFF nothing")
    config = ModelConfig.load(model_folder("debug") / "config.json")
    corpus = Corpus(
        folder=tmp_path / "corpus", scores=None, soundfont=tmp_path / "broken.sf2", config=config
    )
    with pytest.raises(ModelError, match=r"broken\.sf2 is not a soundfont"):
        list(compose_shards(corpus, 2))


def _seconds(pairs: list[Pair]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Level in dBFS and mean arousal of every second."""
    levels, arousals = [], []
    for pair in pairs:
        for second in range(10):
            sound = pair.audio[second * SAMPLE_RATE : (second + 1) * SAMPLE_RATE]
            levels.append(20 * np.log10(sound.std() + 1e-4))
            arousals.append(pair.arousal[second * 10 : second * 10 + 10].mean())
    return np.array(levels), np.array(arousals)


def test_level_follows_arousal(pairs: list[Pair]) -> None:
    levels, arousals = _seconds(pairs)
    assert np.corrcoef(levels, arousals)[0, 1] > 0.8
    loud, calm = np.median(levels[arousals > 0.8]), np.median(levels[arousals < 0.2])
    assert 18 < loud - calm < 35


def test_motion_follows_arousal(pairs: list[Pair]) -> None:
    motion = [np.abs(np.diff(pair.frames.astype(int), axis=0)).mean() for pair in pairs]
    assert np.corrcoef(motion, [pair.arousal.mean() for pair in pairs])[0, 1] > 0.5


def test_lively_music_has_more_notes_that_are_heard(pairs: list[Pair]) -> None:
    heard = [onset_density(pair.audio, SAMPLE_RATE) for pair in pairs]
    assert rank_correlation(np.array([p.arousal.mean() for p in pairs]), np.array(heard)) > 0.75


def test_calm_pictures_stand_and_lively_ones_do_not(pairs: list[Pair]) -> None:
    calm, lively = [], []
    for pair in pairs:
        change = np.abs(np.diff(pair.frames.astype(int), axis=0)).mean(axis=(1, 2, 3))
        calm += list(change[pair.arousal[1:] < 0.25])
        lively += list(change[pair.arousal[1:] > 0.6])
    assert np.mean(np.array(calm) < 1.0) > 0.4
    assert np.mean(np.array(lively) < 1.0) < 0.1


@pytest.mark.parametrize("kind", STILL_KINDS)
def test_still_shots_hardly_move(kind: Kind) -> None:
    moves = Moves(
        way=np.zeros(30, np.float32), pan=np.zeros(30, np.float32),
        shake=np.zeros((30, 2), np.float32), flicker=np.ones(30, np.float32),
    )  # fmt: skip
    light, tint = kind(np.random.default_rng(1), moves)
    assert light.shape == tint.shape == (30, 36, 64)
    assert (np.abs(np.diff(light, axis=0)) > 0.05).mean() < 0.02


def test_music_ends_with_its_scene() -> None:
    for seed in range(20):
        affect = draw_affect(np.random.default_rng(seed))
        for section in compose(affect, np.random.default_rng(seed)):
            assert section.notes
            assert max(note.tick + note.ticks for note in section.notes) <= section.end <= TICKS


def test_a_last_chord_rings_out_as_loud_as_it_was_played() -> None:
    tone = np.ones(DRY_SAMPLES, np.float32)
    arousal = np.where(np.arange(103) < 50, 0.1, 0.9).astype(np.float32)
    held = follow_level(tone, arousal, (0, 50))
    assert held[-1] == pytest.approx(held[0]) and held[0] == pytest.approx(10 ** (-22 * 0.9 / 20))


@pytest.mark.parametrize("seed", range(5))
def test_a_melody_is_stepwise_and_in_its_key(seed: int) -> None:
    melody = Melody(np.random.default_rng(seed), 2, "major", 62, 79, 8)
    tones = [tone for bar in range(8) for tone in melody.over(bar * 64, 8, (2, 6, 9), 0.4, False)]
    keys = [key for _, _, key in tones]
    assert {key % 12 for key in keys} <= {2, 4, 6, 7, 9, 11, 1}
    assert np.mean(np.abs(np.diff(keys)) <= 4) > 0.8
    assert sum(ticks for _, ticks, _ in tones) == 8 * 64


def test_what_is_no_soundfont_says_so(train_extra: Callable[[str], Any], tmp_path: Path) -> None:
    train_extra("tinysoundfont")
    (tmp_path / "broken.sf2").write_bytes(b"RIFF nothing")
    with pytest.raises(ModelError, match="not a soundfont"):
        Synth(tmp_path / "broken.sf2")


def test_a_missing_soundfont_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not exist") as raised:
        find_soundfont(tmp_path / "none.sf2")
    assert "fluidr3mono-gm-soundfont" in raised.value.hint
