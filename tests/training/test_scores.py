"""Scores by named composers: what is read, how it is split, chosen and performed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from otio_hpm.errors import ModelError
from otio_hpm.training import scores
from otio_hpm.training.affect import FRAMES, Affect
from otio_hpm.training.notes import TICKS, Note, Section
from otio_hpm.training.orchestration import MARIMBA, RANGES, TIMPANI, choose_orchestra
from otio_hpm.training.performance import perform
from otio_hpm.training.score_reading import Reading, key_of, read_score, work_files
from otio_hpm.training.score_sources import COMPOSERS, WORKS, Work
from otio_hpm.training.scores import ScoreLibrary, split_of

_BEATS = {0.1: 18, 0.5: 12, 0.9: 6}
"""Ticks of a beat for the arousals tested."""


def _chorale(mode: str, source: str, composer: str = "Haydn") -> Reading:
    """Four parts of quarters over 32 bars, on the tonic chord of C with its neighbours."""
    third = 4 if mode == "major" else 3
    scale = (0, 2, third, 5, 7, third, 2, 0)
    rows = []
    for beat in range(128):
        for part, base in enumerate((72, 67, 60 + third, 48)):
            key = base + (scale[beat % 8] if part == 0 else 0)
            rows.append((48 * beat, 48, key, part))
    starts = np.arange(0, 128 - 8, 4) * 48
    passages = [(start, 0, mode == "minor", 1.0, 128 - start / 48) for start in starts]
    return Reading(
        composer=composer,
        title=f"Chorale in {mode}",
        source=source,
        beat=48,
        notes=np.array(sorted(rows), np.int32),
        bars=np.arange(0, 128, 4, dtype=np.int32) * 48,
        passages=np.array(passages, np.float32),
    )


def _sources(split: str, count: int) -> list[str]:
    names = (f"score{number}.mxl" for number in range(1000))
    return [name for name in names if split_of(name) == split][:count]


@pytest.fixture(scope="module")
def library() -> ScoreLibrary:
    train, test = _sources("train", 4), _sources("test", 2)
    return ScoreLibrary(
        [
            _chorale("major", train[0]),
            _chorale("minor", train[1]),
            _chorale("major", train[2], "Mozart"),
            _chorale("minor", train[3], "Mozart"),
            _chorale("major", test[0]),
            _chorale("minor", test[1]),
        ]
    )


def _affect(arousal: float, valence: float = 0.7) -> Affect:
    return Affect(
        kind="constant",
        valence=np.full(FRAMES, valence, np.float32),
        arousal=np.full(FRAMES, arousal, np.float32),
        starts=(0,),
    )


def _section(arousal: float, mode: str = "major", tick: int = 0, seed: int = 0) -> Section:
    valence = 0.7 if mode == "major" else 0.2
    return Section(
        tick=tick,
        end=TICKS,
        tonic=5,
        mode=mode,
        beat_ticks=_BEATS[arousal],
        orchestra=replace(
            choose_orchestra(valence, arousal, np.random.default_rng(seed)), motor=MARIMBA
        ),
        tense=mode == "minor" and arousal > 0.5,
        valence=valence,
        frames=(round(tick / 1.5625), FRAMES),
    )


def _played(library: ScoreLibrary, section: Section, arousal: float, seed: int) -> list[Note]:
    rng = np.random.default_rng(seed)
    passage = library.choose(section, _affect(arousal), rng, "train")
    return list(perform(passage, section, _affect(arousal), rng))


def _passage(library: ScoreLibrary, section: Section, arousal: float, seed: int) -> list[Note]:
    """What is played but for the motor of short notes that lively music gets."""
    return [n for n in _played(library, section, arousal, seed) if n.program != MARIMBA]


def test_every_piece_is_in_one_split_and_most_train() -> None:
    splits = [split_of(f"folder/piece{number}.mxl") for number in range(2000)]
    assert 0.87 < splits.count("train") / 2000 < 0.93
    assert 0.03 < splits.count("test") / 2000 < 0.07
    assert splits == [split_of(f"folder/piece{number}.mxl") for number in range(2000)]


def test_a_split_draws_only_from_its_own_pieces(library: ScoreLibrary) -> None:
    rng = np.random.default_rng(1)
    drawn = {
        split: {
            library.choose(_section(0.5), _affect(0.5), rng, split).piece.source for _ in range(60)
        }
        for split in ("train", "test")
    }
    assert drawn["train"] and drawn["test"] and not drawn["train"] & drawn["test"]


def test_a_composer_asked_for_is_the_composer_heard(library: ScoreLibrary) -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        passage = library.choose(_section(0.5), _affect(0.5), rng, "train", "Mozart")
        assert passage.piece.composer == "Mozart"
    passage = library.choose(_section(0.5), _affect(0.5), rng, "test", "Mozart")
    assert passage.piece.composer == "Haydn"


@pytest.mark.parametrize("mode", ["major", "minor", "dorian"])
def test_the_passage_is_in_the_sections_mode(library: ScoreLibrary, mode: str) -> None:
    rng = np.random.default_rng(3)
    section = replace(_section(0.5), mode=mode)
    drawn = [library.choose(section, _affect(0.5), rng, "train").mode for _ in range(40)]
    assert drawn.count("major" if mode == "major" else "minor") >= 39


@pytest.mark.parametrize("arousal", sorted(_BEATS))
@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tick", [0, 60])
def test_notes_keep_to_the_section_and_to_their_instruments(
    library: ScoreLibrary, arousal: float, mode: str, tick: int
) -> None:
    for seed in range(12):
        section = _section(arousal, mode, tick, seed)
        notes = _played(library, section, arousal, seed)
        assert notes
        for note in notes:
            low, high = RANGES[note.program]
            assert low <= note.key <= high and 1 <= note.velocity <= 127
            assert (section.tick if tick else -16) <= note.tick
            assert note.ticks >= 1 and note.tick + note.ticks <= section.end


def test_no_key_is_struck_while_it_sounds(library: ScoreLibrary) -> None:
    notes = _played(library, _section(0.1), 0.1, 4)
    notes.sort(key=lambda note: (note.program, note.key, note.tick))
    for note, after in pairwise(notes):
        if (note.program, note.key) == (after.program, after.key):
            assert note.tick + note.ticks <= after.tick


def test_the_same_seed_plays_the_same_notes(library: ScoreLibrary) -> None:
    section = _section(0.5)
    assert _played(library, section, 0.5, 5) == _played(library, section, 0.5, 5)
    assert _played(library, section, 0.5, 5) != _played(library, section, 0.5, 6)


def test_music_is_in_the_sections_key(library: ScoreLibrary) -> None:
    for seed in range(5):
        notes = _passage(library, _section(0.5, "major", 0, seed), 0.5, seed)
        table = np.array([[n.tick, n.ticks, n.key, 0] for n in notes], np.int32)
        tonic, minor, clarity = key_of(table)
        assert (tonic, minor) == (5, False) and clarity > 0.6


def test_tempo_and_articulation_follow_arousal(library: ScoreLibrary) -> None:
    def of_melody(arousal: float) -> tuple[float, float]:
        notes = [
            note
            for seed in range(8)
            for note in _passage(library, _section(arousal, seed=seed), arousal, seed)
            if note.program != TIMPANI
        ]
        onsets = np.unique([note.tick for note in notes])
        return float(np.median(np.diff(onsets))), float(np.median([note.ticks for note in notes]))

    calm_step, calm_length = of_melody(0.1)
    violent_step, violent_length = of_melody(0.9)
    assert calm_length >= _BEATS[0.1] and violent_length < _BEATS[0.9]
    steps = {
        arousal: np.median(
            np.diff(np.unique([n.tick for n in _passage(library, _section(arousal), arousal, 7)]))
        )
        for arousal in _BEATS
    }
    assert steps == {arousal: beat for arousal, beat in _BEATS.items()}
    assert calm_step > 0 and violent_step > 0


def test_lively_passages_get_a_motor_of_short_notes(library: ScoreLibrary) -> None:
    for arousal, a_second in ((0.1, 0.0), (0.5, 1.0), (0.9, 3.0)):
        notes = _played(library, _section(arousal, seed=3), arousal, 3)
        strokes = {note.tick for note in notes if note.program == MARIMBA}
        assert len(strokes) >= a_second * 10 and (strokes or not a_second)
        sounding = {note.key % 12 for note in notes if note.program != MARIMBA}
        assert {note.key % 12 for note in notes if note.program == MARIMBA} <= sounding


def test_phrases_rise_and_fall(library: ScoreLibrary) -> None:
    """In the mean over many passages the middle of the music is louder than its two ends."""
    section = replace(_section(0.5), tick=10)
    profile = np.zeros((2, TICKS))
    for seed in range(30):
        for note in _passage(library, section, 0.5, seed):
            profile[:, note.tick] += (note.velocity, 1)
    level = profile[0] / np.maximum(profile[1], 1)
    played = level[profile[1] > 0]
    quarter = len(played) // 4
    assert played[quarter:-quarter].mean() > 1.05 * np.r_[played[:2], played[-2:]].mean()


def test_the_cache_holds_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: ScoreLibrary
) -> None:
    readings = [_chorale("major", "a.mxl"), _chorale("minor", "b.mxl", "Bach")]
    monkeypatch.setattr(scores, "read_works", lambda: iter(readings))
    written = ScoreLibrary.load(tmp_path / "new" / "cache")
    monkeypatch.setattr(scores, "read_works", lambda: pytest.fail("read twice"))
    again = ScoreLibrary.load(tmp_path / "new" / "cache")
    assert written.composers == again.composers == ("Bach", "Haydn")
    for reading, piece in zip(readings, again.pieces, strict=True):
        assert (piece.title, piece.source, piece.beat) == (reading.title, reading.source, 48)
        assert np.array_equal(piece.notes, reading.notes)
        assert np.array_equal(piece.bars, reading.bars)


def test_a_damaged_cache_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "read_works", lambda: iter([_chorale("major", "a.mxl")]))
    ScoreLibrary.load(tmp_path)
    cache = next(tmp_path.iterdir())
    whole = cache.read_bytes()
    cache.write_bytes(whole[:300])
    with pytest.raises(ModelError, match=cache.name):
        ScoreLibrary.load(tmp_path)
    for place in range(0, len(whole), 9):  # in headers, compressed data and the directory
        cache.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        with suppress(ModelError):
            ScoreLibrary.load(tmp_path)


def test_every_work_has_a_composer_and_a_rights_note() -> None:
    assert {work.composer for work in WORKS} == set(COMPOSERS)
    assert all(work.title and work.rights for work in WORKS)


@pytest.fixture
def read(train_extra: Callable[[str], Any]) -> Callable[[str], Reading]:
    """Reads a score that music21 brings."""
    root = Path(train_extra("music21.common").getCorpusFilePath())

    def read(path: str) -> Reading:
        work = Work(path=path, composer="Someone", title="Work")
        return read_score(work_files(root, work)[0], path, work)

    return read


def test_a_madrigal_is_read_with_its_voices_in_step(read: Callable[[str], Reading]) -> None:
    """Its parts' bars differ in length as encoded, by recognition errors."""
    madrigal = read("monteverdi/madrigal.3.2.mxl")
    assert set(madrigal.notes[:, 3]) == {0, 1, 2, 3, 4}
    ends = [
        (own[:, 0] + own[:, 1]).max()
        for own in (madrigal.notes[madrigal.notes[:, 3] == part] for part in range(5))
    ]
    assert max(ends) - min(ends) <= 8 * 48
    assert len(madrigal.passages) > 10 and (np.diff(madrigal.bars) > 0).all()


def test_a_song_is_read_in_its_key_without_tied_notes_struck_again(
    read: Callable[[str], Reading],
) -> None:
    song = read("schumann_robert/opus48no2.mxl")
    tonic, minor, _ = key_of(song.notes)
    assert (tonic, minor) == (9, False)
    for part in range(3):
        own = song.notes[song.notes[:, 3] == part]
        assert own[:, 1].min() > 0 and own[:, 2].min() > 30


def test_the_documentation_lists_every_score() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "corpus-scores.md"
    text = page.read_text(encoding="utf-8")
    assert all(name in text for name in COMPOSERS.values())
    assert all(work.title in text for work in WORKS)
