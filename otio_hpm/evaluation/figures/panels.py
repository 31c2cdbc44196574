"""Panels that figures are put together from: stills, spectrogram, melody, dynamics."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from otio_hpm.evaluation.figures.plotting import HEARD, WANTED
from otio_hpm.evaluation.tonality import chroma
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import Controls
from otio_hpm.music.spectrogram import analyse, filterbank

Sound = NDArray[np.float32]

STILLS = 10
_CLASSES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_LABELLED = range(0, 12, 2)
_MARKED_HZ = (100, 500, 1000, 2000, 5000, 10_000)
_QUIETEST_DB = -60.0
"""Dynamics below are drawn there: silence has no end."""


def stills(axis: Any, frames: NDArray[np.uint8]) -> None:
    """Pictures side by side, spread evenly. frames: (n, height, width, 3)"""
    chosen = np.linspace(0, len(frames) - 1, STILLS).astype(int)
    axis.imshow(np.concatenate(list(frames[chosen]), axis=1), aspect="auto")
    axis.set_axis_off()


def spectrogram(axis: Any, sound: Sound, config: ModelConfig) -> None:
    """What the model sees of sound, over seconds and Hz."""
    whole = np.pad(sound, (0, -len(sound) % config.hop))
    bands = analyse(torch.from_numpy(whole), config).numpy().T
    low, high = np.percentile(bands, (2, 99.8))
    axis.imshow(bands, origin="lower", aspect="auto", cmap="magma", vmin=low,
                vmax=max(high, low + 1),  # silence has no range
                extent=(0, len(sound) / config.sample_rate, 0, len(bands)))  # fmt: skip
    centres_hz = filterbank(config).argmax(1).numpy() * config.sample_rate / config.n_fft
    marked = [hz for hz in _MARKED_HZ if centres_hz[0] <= hz <= centres_hz[-1]]
    places = np.interp(marked, centres_hz, np.arange(len(centres_hz)) + 0.5)
    axis.set_yticks(places, [f"{hz / 1000:g}k" if hz >= 1000 else str(hz) for hz in marked])


def melody(
    axis: Any, sound: Sound, heard: Controls, wanted: Controls | None, config: ModelConfig
) -> None:
    """Pitch classes that sound, the loudest of them, and what it should be."""
    seconds = len(sound) / config.sample_rate
    classes = chroma(sound, config.sample_rate)
    axis.imshow(classes / (classes.max(axis=0) + 1e-6), origin="lower", aspect="auto", cmap="Greys",
                extent=(0, seconds, -0.5, 11.5), vmax=1.6)  # fmt: skip
    _line(axis, heard, config, HEARD, 2.6)
    if wanted is not None:
        _line(axis, wanted, config, WANTED, 1.3)
    axis.set_xlim(0, seconds)
    axis.set_ylim(-0.5, 11.5)
    axis.set_yticks(_LABELLED, [_CLASSES[number] for number in _LABELLED])


def dynamics(
    axis: Any, sound: Sound, heard: Controls, wanted: Controls | None, config: ModelConfig
) -> None:
    """Level in dB, and what it should be."""
    both = ((heard, HEARD, 1.6), (wanted, WANTED, 1.2))
    for controls, colour, width in both:
        if controls is not None:
            level = np.maximum(controls.dynamics_db, _QUIETEST_DB)
            axis.plot(_seconds(controls, config), level, color=colour, linewidth=width)
    axis.set_xlim(0, len(sound) / config.sample_rate)
    axis.margins(y=0.15)


def _line(axis: Any, controls: Controls, config: ModelConfig, colour: str, width: float) -> None:
    """The melody, a stroke for each frame that has one."""
    present = (controls.melody >= 0) & controls.melody_present
    line = np.where(present, controls.melody, np.nan)
    steps = np.flatnonzero(np.diff(controls.melody) != 0)
    line[steps] = np.nan  # notes are not joined
    axis.plot(_seconds(controls, config), line, color=colour, linewidth=width,
              solid_capstyle="butt")  # fmt: skip


def _seconds(controls: Controls, config: ModelConfig) -> NDArray[np.float64]:
    """Where each frame of the controls is centred."""
    frames = np.arange(len(controls.melody)) + 0.5
    return np.asarray(frames * config.hop / config.sample_rate)
