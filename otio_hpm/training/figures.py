"""The figures of a model's card: what its parts and its controls do on windows never trained on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from otio_hpm.evaluation.dynamics import micro_correlation
from otio_hpm.evaluation.melody import melody_accuracy
from otio_hpm.evaluation.onsets import level_db
from otio_hpm.evaluation.spectral import log_spectral_distance
from otio_hpm.model.pipeline import CueRequest, HpmPipeline
from otio_hpm.model.vocoder import sound_of
from otio_hpm.music.controls import Controls, controls_of
from otio_hpm.music.griffin_lim import griffin_lim
from otio_hpm.music.spectrogram import analyse
from otio_hpm.settings import ModelSettings
from otio_hpm.training.corpus import Pair, compose_pair, pair_seed
from otio_hpm.training.synthesis import Synth


@dataclass(frozen=True, kw_only=True)
class RoundTrip:
    """How near a resynthesis comes to its original."""

    chroma_agreement: float
    """Share of sounding frames whose strongest pitch class is the same."""
    log_spectral_distance: float
    """Root mean square difference of log bands per frame, averaged, in nepers."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Measured before any gain stage."""

    windows: int
    """Test windows."""
    griffin_lim: RoundTrip
    """Spectrogram and Griffin-Lim alone."""
    vocoder: RoundTrip
    """Spectrogram and the shipped vocoder (Griffin-Lim again where none ships)."""
    vae: RoundTrip
    """Spectrogram, autoencoder, and what ships behind it."""
    melody_accuracy: float
    """Generated with control: share of frames on the control's pitch class."""
    melody_accuracy_other: float
    """The same sound against another window's control."""
    dynamics_correlation: float
    """Mean correlation per window of level in dB with the control's."""
    dynamics_correlation_other: float
    """The same against another window's."""
    louder_half_follows: float
    """Share of windows with one calm and one violent half whose violent half is the louder."""
    louder_half_follows_swapped: float
    """The same with the two halves of the film exchanged."""
    film_level_correlation: float
    """Correlation of mean level with the composed window's, without style."""


def measure(pipeline: HpmPipeline, synth: Synth, windows: int, steps: int = 20) -> Figures:
    """Measure a loaded model on `windows` test pairs."""
    pairs = [compose_pair(pair_seed(7, i, "test"), synth) for i in range(windows)]
    controls = [controls_of(pair.audio, pipeline.config) for pair in pairs]
    numbered = list(enumerate(zip(pairs, controls, strict=True)))
    styled = [_generate(pipeline, p, c, i, steps) for i, (p, c) in numbered]
    heard = [controls_of(sound, pipeline.config) for sound in styled]
    other = controls[1:] + controls[:1]
    follows, swapped = _halves(pipeline, synth, windows, steps)
    free = [_generate(pipeline, p, None, i, steps) for i, p in enumerate(pairs)]
    return Figures(
        windows=windows,
        **_round_trips(pipeline, pairs),
        melody_accuracy=_mean(melody_accuracy, heard, controls),
        melody_accuracy_other=_mean(melody_accuracy, heard, other),
        dynamics_correlation=_mean(_dynamics, heard, controls),
        dynamics_correlation_other=_mean(_dynamics, heard, other),
        louder_half_follows=follows,
        louder_half_follows_swapped=swapped,
        film_level_correlation=float(
            np.corrcoef([level_db(p.audio) for p in pairs], [level_db(f) for f in free])[0, 1]
        ),
    )


def round_trip(made: NDArray[np.float32], pair: Pair, pipeline: HpmPipeline) -> RoundTrip:
    """Compare a resynthesis with its original."""
    config = pipeline.config
    distance = log_spectral_distance(made, pair.audio, config)
    agreement = melody_accuracy(controls_of(made, config), controls_of(pair.audio, config))
    return RoundTrip(chroma_agreement=agreement, log_spectral_distance=distance)


def _round_trips(pipeline: HpmPipeline, pairs: list[Pair]) -> dict[str, RoundTrip]:
    config, found = pipeline.config, {"griffin_lim": [], "vocoder": [], "vae": []}  # type: ignore[var-annotated]
    for index, pair in enumerate(pairs):
        spectrogram = analyse(torch.from_numpy(pair.audio), config)
        plain = griffin_lim(spectrogram, config, index, config.griffin_lim_steps).numpy()
        vocoded = sound_of(spectrogram, config, pipeline.vocoder, index).numpy()
        with torch.no_grad():
            latent = pipeline.vae.encode(spectrogram[None].to(pipeline.device))
        coded = pipeline.decode(latent, index)
        for name, made in (("griffin_lim", plain), ("vocoder", vocoded), ("vae", coded)):
            found[name].append(round_trip(made, pair, pipeline))
    return {
        name: RoundTrip(
            chroma_agreement=float(np.mean([t.chroma_agreement for t in trips])),
            log_spectral_distance=float(np.mean([t.log_spectral_distance for t in trips])),
        )
        for name, trips in found.items()
    }


def _halves(pipeline: HpmPipeline, synth: Synth, windows: int, steps: int) -> tuple[float, float]:
    """How often the violent half is the louder, as filmed and with the halves exchanged."""
    right: list[bool] = []
    right_swapped: list[bool] = []
    candidates = (compose_pair(pair_seed(8, i, "test"), synth) for i in range(windows * 20))
    for index, pair in enumerate(_contrasting(candidates, windows)):
        half = len(pair.frames) // 2
        violent_last = pair.arousal[half:].mean() > pair.arousal[:half].mean()
        exchanged = np.concatenate([pair.frames[half : 2 * half], pair.frames[:half]])
        for frames, last, results in (
            (pair.frames, violent_last, right),
            (exchanged, not violent_last, right_swapped),
        ):
            seen = dataclasses.replace(pair, frames=frames)
            sound = _generate(pipeline, seen, None, index, steps)
            middle = len(sound) // 2
            louder_last = level_db(sound[middle:]) > level_db(sound[:middle])
            results.append(louder_last == last)
    return float(np.mean(right)), float(np.mean(right_swapped))


def _contrasting(pairs, count: int):  # type: ignore[no-untyped-def]
    """The first `count` pairs whose halves differ plainly in arousal."""
    found = 0
    for pair in pairs:
        half = len(pair.arousal) // 2
        if abs(pair.arousal[half:].mean() - pair.arousal[:half].mean()) > 0.4:
            found += 1
            yield pair
        if found == count:
            return


def _generate(
    pipeline: HpmPipeline, pair: Pair, controls: Controls | None, seed: int, steps: int
) -> NDArray[np.float32]:
    request = CueRequest(
        samples=len(pair.audio),
        frames=pair.frames,
        controls=controls,
        seed=seed,
        model=ModelSettings(steps=steps),
    )
    return pipeline.generate(request)


def _mean(measure, heard, wanted) -> float:  # type: ignore[no-untyped-def]
    return float(np.mean([measure(h, w) for h, w in zip(heard, wanted, strict=True)]))


def _dynamics(heard: Controls, wanted: Controls) -> float:
    return micro_correlation(heard.dynamics_db, wanted.dynamics_db)
