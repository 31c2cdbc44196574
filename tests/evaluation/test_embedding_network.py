"""The embedding network: what it hears, how it is trained, and the distance on it."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tone_pairs import tone_pair

from otio_hpm.__main__ import main
from otio_hpm.errors import ModelError, OutputError
from otio_hpm.evaluation import embedding_training
from otio_hpm.evaluation.embedding_network import (
    BANDS,
    FRAMES,
    RATE,
    SIZE,
    EmbeddingNetwork,
    embeddings,
    load_embedding_network,
    log_mel,
    taught_on,
)
from otio_hpm.evaluation.embedding_training import (
    KEYS,
    PROGRAMS,
    Teaching,
    lessons_of,
    teaching_soundfont,
    train_embedding,
)
from otio_hpm.evaluation.evidence.material import Corpus
from otio_hpm.evaluation.frechet import frechet_distance, gaussian
from otio_hpm.training.corpus import CorpusStream, Pair
from otio_hpm.training.trainer import Schedule


def tone(hz: float, seconds: float = 10.0, rate: int = RATE) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate).astype(np.float32)


def pair(index: int) -> Pair:
    """One of two kinds of piece, which differ in all that is asked for."""
    kind = index % 2
    hz = (220.0, 1760.0)[kind] * 2 ** (index / 240)
    return dataclasses.replace(
        tone_pair(index), audio=0.3 * tone(hz, 10.24, 48_000), key=KEYS[kind],
        tempo_bpm=((60.0,), (140.0,))[kind], composers=("",), programs=PROGRAMS[kind : kind + 1],
    )  # fmt: skip


class Composed(CorpusStream):
    """A corpus without a soundfont."""

    def __init__(self, *_: object) -> None:
        pass

    def pair(self, seed: int, index: int) -> Pair:
        return pair(index)


def test_it_is_small_and_hears_every_ten_seconds_alike() -> None:
    network = EmbeddingNetwork(80).eval()
    assert sum(p.numel() for p in network.parameters()) < 1_500_000
    sound = np.concatenate([tone(440), tone(220), tone(330, 4.0)])
    assert log_mel(sound, RATE).shape == (2, FRAMES, BANDS)
    found = embeddings(network, sound, RATE)
    assert found.shape == (2, SIZE)
    alone = embeddings(network, tone(220, 10.0, 44_100), 44_100)  # nor does the rate matter
    assert np.abs(alone[0] - found[1]).max() < 0.1 * np.abs(found[0] - found[1]).max()
    with pytest.raises(ValueError, match=r"needs 10 s of sound, not 9\.90 s"):
        embeddings(network, tone(220, 9.9), RATE)


def test_bands_are_where_a_tone_is() -> None:
    strongest = [int(log_mel(tone(hz), RATE).mean(1).argmax()) for hz in (110, 440, 1760, 7000)]
    assert strongest == sorted(set(strongest))


def test_what_is_taught_is_what_pairs_say() -> None:
    said = dataclasses.replace(
        pair(0), key="D minor", tempo_bpm=(80.0,), composers=("Bach", ""), programs=PROGRAMS[1:3]
    )
    lesson = lessons_of([said], ("", "Bach", "Weber"))
    assert KEYS[lesson["key"][0]] == "D minor"
    assert lesson["tempo"].tolist() == [1]
    assert lesson["composers"].tolist() == [[1, 1, 0]]
    assert lesson["programs"][0].nonzero().flatten().tolist() == [1, 2]


def test_it_learns_goes_on_and_measures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_training, "CorpusStream", Composed)
    soundfont = tmp_path / "some.sf2"
    soundfont.write_bytes(b"some soundfont")
    teaching = Teaching(folder=tmp_path / "run", soundfont=soundfont, scores=None, pairs=8)
    schedule = Schedule(steps=24, learning_rate=0.01, warmup_steps=0, checkpoint_every=8)
    weights = tmp_path / "network.safetensors"
    assert not train_embedding(teaching, schedule, weights, minutes=0.0, width=4)
    assert not weights.exists()
    assert train_embedding(teaching, schedule, weights, width=4)
    told = load_embedding_network(weights)(log_mel(pair(20).audio[:480_000], 48_000))
    other = load_embedding_network(weights)(log_mel(pair(21).audio[:480_000], 48_000))
    assert int(told[0, : len(KEYS)].argmax()) == 0  # pieces that it has not heard
    assert int(other[0, : len(KEYS)].argmax()) == 1
    low, high = ([pair(n).audio for n in range(first, 12, 2)] for first in (0, 1))
    network = load_embedding_network(weights)
    near, far = (
        gaussian(np.concatenate([embeddings(network, sound, 48_000) for sound in sounds]))
        for sounds in (low, high)
    )
    assert frechet_distance(near, far) > 1000 * frechet_distance(near, near)
    assert taught_on(weights) == hashlib.sha256(b"some soundfont").hexdigest()
    with pytest.raises(OutputError, match="exists already"):
        train_embedding(teaching, schedule, weights, width=4)


def test_other_files_are_refused(tmp_path: Path) -> None:
    save_file({"features.0.weight": torch.zeros(3, 1, 3, 3), "answers.weight": torch.zeros(2, 64)},
              tmp_path / "a.safetensors")  # fmt: skip
    with pytest.raises(ModelError):
        load_embedding_network(tmp_path / "a.safetensors")
    assert taught_on(tmp_path / "a.safetensors") is None
    with pytest.raises(ModelError, match="is not there"):
        load_embedding_network(tmp_path / "none.safetensors")
    (tmp_path / "damaged.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="is no network"):
        taught_on(tmp_path / "damaged.safetensors")


def test_a_soundfont_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not there"):
        teaching_soundfont(tmp_path / "none.sf2")


def test_the_generators_soundfont_is_refused(soundfonts: Corpus, tmp_path: Path) -> None:
    copy = tmp_path / "under another name.sf2"
    copy.write_bytes(soundfonts.training.read_bytes())
    for named in (soundfonts.training, copy):
        with pytest.raises(ModelError, match="what generators are trained on"):
            teaching_soundfont(named)


def test_the_verb_composes_and_trains(soundfonts: Corpus, tmp_path: Path) -> None:
    weights, soundfont = tmp_path / "network.safetensors", str(soundfonts.held_out)
    arguments = ["train", "embedding", str(weights), "--run", str(tmp_path / "run"), "--pairs", "2",
                 "--steps", "1", "--device", "cpu", "--soundfont", soundfont]  # fmt: skip
    assert main(arguments) == 0
    sound = np.random.default_rng(0).standard_normal(10 * RATE).astype(np.float32)
    assert np.isfinite(embeddings(load_embedding_network(weights), sound, RATE)).all()
