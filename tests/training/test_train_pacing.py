"""What paces music learns from pairs how lively and loud it is, and resumes to the step."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from random_windows import write_windows
from safetensors.torch import load_file
from tone_pairs import CONFIG, tone_pair, write_corpus
from torch import Tensor

from otio_hpm.errors import ModelError
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_encoder import FilmEncoder
from otio_hpm.model.noise import NoiseSchedule, seeded_noise
from otio_hpm.model.pacing import Course, Pacing
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.music.spectrogram import analyse
from otio_hpm.training import encoding, recipe, train_diffusion
from otio_hpm.training.beginning import begin_from
from otio_hpm.training.courses import courses
from otio_hpm.training.encoding import encoded_courses, encoded_windows
from otio_hpm.training.exporting import export
from otio_hpm.training.run import Run, keep, restore
from otio_hpm.training.train_pacing import held_out_loss, surprise
from otio_hpm.training.trainer import Schedule

PAIRS = 24


def schedule(steps: int) -> Schedule:
    return Schedule(
        steps=steps, learning_rate=3e-3, warmup_steps=10, ema_decay=0.9, checkpoint_every=50
    )


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that has an autoencoder, and a base that knows how descriptors are spread."""
    folder = tmp_path_factory.mktemp("tones")
    write_corpus(folder, PAIRS)
    run = Run(folder=folder, windows=PAIRS, precision="float32")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_diffusion, "save_samples", lambda *_: None)
        assert recipe.run_vae(run, dataclasses.replace(schedule(50), checkpoint_every=100))
        assert recipe.run_base(run, schedule(1), batch=2)
    return run


def course_of_tones(_: object, latent: Tensor) -> Tensor:
    """How loud the tones are that the latents are of, as pace and as level: an autoencoder that
    has hardly been trained makes none of it audible. -> (N, seconds, 2)"""
    loud = np.stack([tone_pair(seed).arousal[:100] for seed in range(len(latent))])
    level = torch.from_numpy(loud).reshape(len(latent), CONFIG.film_seconds, -1).mean(2)
    return torch.stack([1 + level, level - 1], dim=2)


def test_it_learns_to_read_films_and_latents_through_noise(
    begun: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "courses", course_of_tones)
    (begun.folder / "courses.safetensors").unlink(missing_ok=True)
    assert recipe.run_pacing(begun, schedule(200))
    model = restore(Pacing(CONFIG), begun.part("pacing")).eval()
    film = restore(FilmEncoder(CONFIG), begun.part("film_encoder"))
    encoded = encoded_windows(begun)
    truth = encoded_courses(begun, encoded)[0].course
    latent, step = encoded.data.latent.float(), torch.full((PAIRS,), 200)
    noisy = NoiseSchedule(CONFIG).noisy(latent, seeded_noise(tuple(latent.shape), 3), step)
    with torch.no_grad():
        seen = model.seen(film.normalise(encoded.data.windows.descriptors)).mean
        heard = model.heard(noisy, step).mean
    for told in (seen, heard):
        for value in range(2):
            assert np.corrcoef(told[..., value].flatten(), truth[..., value].flatten())[0, 1] > 0.8
    export(begun, tmp_path / "model", vocoder=False)
    shipped = HpmPipeline.load(str(tmp_path / "model"), "cpu", "float32").pacing
    assert shipped is not None
    (begun.folder / "courses.safetensors").unlink()
    torch.testing.assert_close(shipped.seen.layers[0].weight, model.seen.layers[0].weight,
                               atol=0.01, rtol=0.01)  # fmt: skip


def test_in_legs_it_is_the_same_as_in_one_go(begun: Run) -> None:
    (begun.folder / "pacing" / "state.safetensors").unlink(missing_ok=True)
    assert recipe.run_pacing(begun, schedule(4))
    whole = load_file(begun.part("pacing"))
    (begun.folder / "pacing" / "state.safetensors").unlink()
    short = dataclasses.replace(begun, minutes=1e-9)  # every leg is one step
    legs = 1
    while not recipe.run_pacing(short, schedule(4)):
        legs += 1
    assert legs == 4
    assert all(torch.equal(v, whole[n]) for n, v in load_file(begun.part("pacing")).items())


def test_a_model_without_it_is_exported_without(begun: Run, tmp_path: Path) -> None:
    begun.part("pacing").unlink(missing_ok=True)
    export(begun, tmp_path / "model", vocoder=False)
    assert not (tmp_path / "model" / "pacing.safetensors").exists()
    assert not ModelConfig.load(tmp_path / "model" / "config.json").has_pacing
    assert HpmPipeline.load(str(tmp_path / "model"), "cpu", "float32").pacing is None


def test_it_needs_a_film_encoder_that_knows_how_pictures_differ(
    begun: Run, tmp_path: Path
) -> None:
    shutil.copytree(begun.folder, tmp_path / "new")
    run = dataclasses.replace(begun, folder=tmp_path / "new")
    keep(FilmEncoder(CONFIG), run.part("film_encoder"))
    with pytest.raises(ModelError, match="has not learnt yet how what it sees is spread"):
        recipe.run_pacing(run, schedule(1))
    run.part("film_encoder").unlink()
    with pytest.raises(ModelError, match="'film_encoder' of this run is not trained yet"):
        recipe.run_pacing(run, schedule(1))


def test_pacing_of_other_music_does_not_ship_with_a_base_that_was_trained_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_diffusion, "save_samples", lambda *_: None)
    config = ModelConfig.load(model_folder("debug") / "config.json")
    write_windows(tmp_path / "run", config, 4)
    run = Run(folder=tmp_path / "run", windows=4, precision="float32")
    begin_from(run, "debug")

    def paces(name: str) -> bool:
        export(run, tmp_path / name, vocoder=True)
        return ModelConfig.load(tmp_path / name / "config.json").has_pacing

    assert paces("as it was")
    assert recipe.run_base(run, schedule(1), batch=1)
    assert not paces("base trained")
    assert recipe.run_pacing(run, schedule(1))
    assert paces("both trained")


def test_held_out_windows_tell_when_it_learns_by_heart(begun: Run) -> None:
    """The loss at fixed noise: always the same, and less for what has learnt."""
    film = restore(FilmEncoder(CONFIG), begun.part("film_encoder"))
    read, _ = encoded_courses(begun, encoded_windows(begun))
    torch.manual_seed(0)
    new, trained = Pacing(CONFIG), Pacing(CONFIG)
    assert recipe.run_pacing(begun, schedule(30))
    restore(trained, begun.part("pacing"))
    losses = [held_out_loss(model, film, read, "cpu") for model in (new, trained, trained)]
    assert losses[1] < losses[0] - 0.5
    assert losses[1] == losses[2]
    assert trained.training


@torch.no_grad()
def test_courses_tell_how_often_notes_begin_and_how_loud_they_are() -> None:
    pipeline = HpmPipeline.load("embedded", "cpu", "float32")
    config = pipeline.config
    t = torch.arange(config.window_samples) / config.sample_rate
    tones = torch.stack([torch.sin(2 * torch.pi * hz * t) for hz in (220.0, 277.18, 329.63)]).sum(0)
    bands = [
        analyse(gain * tones * (-3 * (t * rate).frac()).exp(), config)
        for rate, gain in ((1.0, 0.03), (4.0, 0.03), (4.0, 0.3))
    ]
    one, four, louder = courses(pipeline.vae, pipeline.vae.encode(torch.stack(bands)))
    assert one[2:8, 0].square().mean() == pytest.approx(1, abs=0.35)
    assert four[2:8, 0].square().mean() == pytest.approx(4, abs=0.5)
    assert (louder - four)[:, 1].mean() == pytest.approx(2, abs=0.4)


def test_surprise_is_least_where_mean_and_variance_are_right() -> None:
    truth = torch.randn(4000, 1, 2, generator=torch.Generator().manual_seed(0)) * 0.5 + 1

    def of(mean: float, deviation: float) -> float:
        log_variance = torch.full_like(truth, 2 * np.log(deviation))
        return float(surprise(Course(mean=torch.full_like(truth, mean), log_variance=log_variance),
                              truth))  # fmt: skip

    best = of(1, 0.5)
    assert all(best < of(*wrong) for wrong in ((1.1, 0.5), (0.9, 0.5), (1, 0.55), (1, 0.45)))
