"""Free music goes on after the melody that it hints at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from house_style import make_adapter

from otio_hpm.evaluation.melody import melody_accuracy
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.hpm import Style
from otio_hpm.model.noise import NoiseSchedule, seeded_noise
from otio_hpm.model.own_melody import HEARD_BELOW, follows_itself, melody_in_key, own_style
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest
from otio_hpm.model.windows import plan_windows
from otio_hpm.music.controls import Controls, controls_of
from otio_hpm.music.spectrogram import analyse
from otio_hpm.settings import Guided, ModelSettings

EMBEDDED = ModelConfig.load(model_folder("embedded") / "config.json")
SCALE = (60, 62, 64, 65, 67, 69, 71, 72)


@pytest.fixture(scope="module")
def embedded() -> HpmPipeline:
    return HpmPipeline.load("embedded", "cpu", "float32")


def tones(keys: tuple[int, ...], loud: float = 0.1) -> torch.Tensor:
    """MIDI keys one after another over a window. (samples,)"""
    each = EMBEDDED.window_samples // len(keys)
    t = torch.arange(each) / EMBEDDED.sample_rate
    hz = [440 * 2 ** ((key - 69) / 12) for key in keys]
    parts = [sum(torch.sin(2 * torch.pi * f * n * t) / n for n in (1, 2, 3)) for f in hz]
    return loud * torch.cat([*parts, torch.zeros(EMBEDDED.window_samples - each * len(keys))])


def told(melody: Controls) -> np.ndarray:
    """Pitch classes that are to be followed."""
    return melody.melody[melody.melody_present]


def test_the_melody_is_the_one_that_sounds() -> None:
    heard, key = melody_in_key(analyse(tones(SCALE), EMBEDDED)[None], EMBEDDED)
    assert key.nonzero().flatten().tolist() == [0, 2, 4, 5, 7, 9, 11]
    each = len(heard.melody) // len(SCALE)
    middles = [heard.melody[k * each + each // 2] for k in range(len(SCALE))]
    assert middles == [tone % 12 for tone in SCALE]
    assert not heard.dynamics_present.any()
    assert not heard.accents.any()


def test_what_is_out_of_key_is_not_followed_and_neither_is_silence() -> None:
    beside = analyse(tones(SCALE) + 1.5 * tones((61, *SCALE[1:-1], 66)), EMBEDDED)[None]
    assert not {1, 6} & set(told(melody_in_key(beside, EMBEDDED)[0]))
    half = tones(SCALE)
    half[len(half) // 2 :] = 0
    present = melody_in_key(analyse(half, EMBEDDED)[None], EMBEDDED)[0].melody_present
    third = len(present) // 3
    assert present[:third].all()
    assert not present[-third:].any()


def test_the_melody_is_read_once_where_enough_noise_is_gone(embedded: HpmPipeline) -> None:
    config, vae = embedded.config, embedded.vae
    plan = plan_windows(config.window_samples, config, 10, 2)
    schedule = NoiseSchedule(config)
    with torch.no_grad():
        clean = vae.encode(analyse(tones(SCALE), config)[None])
    noise = seeded_noise(tuple(clean.shape), 0)

    def after(level: float, style: Style | None = None) -> Style | None:
        step = torch.tensor(int(level * config.train_steps))
        noisy = schedule.noisy(clean, noise, step.expand(1))
        with torch.no_grad():
            return own_style(
                vae, plan, style, step, noisy, schedule.target(clean, noise, step.expand(1))
            )

    assert after(HEARD_BELOW + 0.01) is None
    heard = after(HEARD_BELOW - 0.01)
    assert heard is not None
    assert heard.melody[:, -1].mean() > 0.9
    assert heard.key is not None
    assert heard.key[0].nonzero().flatten().tolist() == [0, 2, 4, 5, 7, 9, 11]
    assert not heard.dynamics[:, -1].any()
    assert after(0.3, heard) is heard


@pytest.mark.parametrize(
    ("guided", "spectrogram", "expected"),
    [("all", "linear", True), ("film", "linear", False), ("all", "mel", False)],
)
def test_the_papers_way_and_mel_bands_leave_it_out(
    embedded: HpmPipeline, guided: Guided, spectrogram: str, expected: bool
) -> None:
    config = replace(embedded.config, spectrogram=spectrogram)
    assert follows_itself(None, guided, config) is expected
    followed = Style(
        melody=torch.zeros(1, 13, 4), dynamics=torch.zeros(1, 3, 4), strength=torch.ones(1)
    )
    assert not follows_itself(followed, guided, config)


@torch.no_grad()
def test_windows_of_a_cue_hear_one_melody_where_they_overlap(embedded: HpmPipeline) -> None:
    config, vae = embedded.config, embedded.vae
    plan = plan_windows(round(1.7 * config.window_samples), config, 10, 2)
    assert len(plan.starts) == 2
    sound = torch.cat([tones(SCALE), tones(SCALE)])[: plan.length * config.latent_hop]
    clean = vae.encode(analyse(sound, config)[None])
    step, nothing = torch.tensor(0), torch.zeros_like(clean)
    predicted = NoiseSchedule(config).target(clean, nothing, step.expand(1))
    heard = own_style(vae, plan, None, step, clean, predicted)
    assert heard is not None
    assert heard.melody.shape == (2, 13, config.window_frames)
    assert heard.key is not None
    assert heard.key.shape == (2, 12)
    assert torch.equal(heard.key[0], heard.key[1])
    shared = (plan.starts[0] + plan.window - plan.starts[1]) * config.ratio
    assert torch.equal(heard.melody[0, :, -shared:], heard.melody[1, :, :shared])


def test_free_music_takes_off_a_house_style(tmp_path: Path) -> None:
    pipeline = HpmPipeline.load("debug", "cpu", "float32")
    own = pipeline.hpm.s_control
    adapter = make_adapter(tmp_path / "house", base=pipeline.checksum)
    free = CueRequest(samples=48_000, frames=np.zeros((10, 36, 64, 3), np.uint8))
    asked = replace(free, controls=controls_of(tones((60,))[:48_000].numpy(), pipeline.config),
                    lora=adapter.folder)  # fmt: skip
    steps = ModelSettings(steps=2)
    before = pipeline.generate(replace(free, model=steps))
    pipeline.generate(replace(asked, model=steps))
    assert pipeline.hpm.s_control is not own
    assert np.array_equal(pipeline.generate(replace(free, model=steps)), before)
    assert pipeline.hpm.s_control is own


def test_free_music_follows_its_own_melody(
    embedded: HpmPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Controls] = []

    def overheard(
        spectrogram: torch.Tensor, config: ModelConfig
    ) -> tuple[Controls, torch.Tensor]:
        melody, key = melody_in_key(spectrogram, config)
        read.append(melody)
        return melody, key

    monkeypatch.setattr("otio_hpm.model.own_melody.melody_in_key", overheard)
    sounds = [embedded.generate(request(seed)) for seed in (1, 2)]
    made = [controls_of(sound, embedded.config) for sound in sounds]
    assert len(read) == 2
    own = np.mean([melody_accuracy(m, r) for m, r in zip(made, read, strict=True)])
    others = np.mean([melody_accuracy(m, r) for m, r in zip(made, read[::-1], strict=True)])
    assert own > others + 0.25


def request(seed: int) -> CueRequest:
    """A window of a picture that grows lighter, to the film alone."""
    light = np.linspace(40, 200, 103, dtype=np.uint8)[:, None, None, None]
    return CueRequest(
        samples=EMBEDDED.window_samples,
        frames=np.broadcast_to(light, (103, 36, 64, 3)).copy(),
        seed=seed,
        model=ModelSettings(steps=10),
    )
