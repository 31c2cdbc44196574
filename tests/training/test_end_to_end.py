"""Base, then style, on 32 composed pairs: film is learnt, and a killed run goes on exactly."""

from __future__ import annotations

import dataclasses
import json
import shutil

import pytest
import torch
from tone_pairs import CONFIG, best_blind_loss, write_corpus

from otio_hpm.model.hpm import Hpm
from otio_hpm.training import recipe, train_diffusion, trainer
from otio_hpm.training.encoding import encoded_windows
from otio_hpm.training.fixed_draws import FixedDraws
from otio_hpm.training.run import Run, restore
from otio_hpm.training.trainer import Schedule

PAIRS = 32
DRAWS = 64
NOISIEST = range(950, 1000)
"""Where there is little but noise to see, the film has to tell what the music is. At less noise
anyone who knows all 32 windows by heart tells them by what is left of them."""


def schedule(steps: int) -> Schedule:
    return Schedule(
        steps=steps, learning_rate=3e-3, warmup_steps=10, ema_decay=0.97, checkpoint_every=10
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose autoencoder and base are trained."""
    folder = tmp_path_factory.mktemp("tones")
    write_corpus(folder, PAIRS)
    run = Run(folder=folder, windows=PAIRS, precision="float32")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_diffusion, "save_samples", lambda *_: None)
        assert recipe.run_vae(run, dataclasses.replace(schedule(50), checkpoint_every=100))
        assert recipe.run_base(run, schedule(200), batch=8)
        shutil.copytree(folder, folder.with_name("base alone"))
        assert recipe.run_style(run, schedule(40), batch=8, joint=False, lora_rank=0)
    return run


def trained(run: Run) -> Hpm:
    model = Hpm(CONFIG)
    for part in ("film_encoder", "vm_unet", "s_control"):
        restore(getattr(model, part), run.part(part))
    return model


def test_film_halves_what_the_best_blind_predictor_loses(run: Run) -> None:
    model, data = trained(run), encoded_windows(run).data
    draws = FixedDraws.spread(data, NOISIEST, DRAWS)
    others = (draws.chosen + 1 + torch.arange(len(draws.chosen)) % (PAIRS - 1)) % PAIRS
    assert not (others == draws.chosen).any()
    blind, misled = best_blind_loss(draws), []
    for style in (False, True):
        seen = draws.loss(model, style=style)
        misled.append(draws.loss(model, style=style, films=others))
        print(f"style {style}: {seen:.3f}, films shuffled {misled[-1]:.3f}, blind {blind:.3f}")
        assert seen <= blind / 2
        assert misled[-1] > 2 * seen
    # What controls tell helps where the film is another's.
    assert misled[1] < misled[0]


def test_a_killed_run_goes_on_as_if_it_had_not_been(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between two checkpoints, and again between telling of a step and saving it."""
    monkeypatch.setattr(train_diffusion, "save_samples", lambda *_: None)
    folder = run.folder.with_name("base alone")
    killed = dataclasses.replace(run, folder=folder)

    def go_on() -> bool:
        return recipe.run_style(killed, schedule(40), batch=8, joint=False, lora_rank=0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_diffusion, "dropped", _killing_after(14, train_diffusion.dropped))
        with pytest.raises(_Killed):
            go_on()
    assert [step for step, _ in curve(killed)] == [10]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "save_state", _killing_after(0, trainer.save_state))
        with pytest.raises(_Killed):
            go_on()
    assert [step for step, _ in curve(killed)] == [10, 20]
    assert go_on()
    assert curve(killed) == curve(run)
    assert [step for step, _ in curve(killed)] == [10, 20, 30, 40]
    one, other = (trained(r).state_dict() for r in (run, killed))
    assert all(torch.equal(one[name], other[name]) for name in one)


class _Killed(BaseException):
    pass


def _killing_after(calls: int, function):  # type: ignore[no-untyped-def]
    """The function, until it has been called so often."""
    left = iter(range(calls))

    def called(*args, **named):  # type: ignore[no-untyped-def]
        if next(left, None) is None:
            raise _Killed
        return function(*args, **named)

    return called


def curve(run: Run) -> list[tuple[int, float]]:
    """Step and loss of every report."""
    lines = (run.folder / "style" / "log.jsonl").read_text("utf-8").splitlines()
    return [(told["step"], told["loss"]) for told in map(json.loads, lines)]
