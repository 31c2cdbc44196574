"""Point 1: what is lost between sound and latent and back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.evidence.bench import Bench, Sound
from otio_hpm.evaluation.evidence.report import Aim, Figure, Section, mean_figure
from otio_hpm.evaluation.frame_rate import MULTIPLES, line_prominence_db
from otio_hpm.evaluation.intonation import BASS, right_notes_share
from otio_hpm.evaluation.melody import melody_accuracy
from otio_hpm.evaluation.spectral import contrast, detail_distance, log_spectral_distance
from otio_hpm.music.controls import controls_of

_LINE_DB = 3.0
_AIMS = (Aim(at_least=0.88), Aim(at_most=0.65), Aim(at_most=_LINE_DB))
_NO_AIMS = (None, None, None)


def round_trip(bench: Bench) -> Section:
    """Autoencoder and what ships behind it, beside Griffin-Lim alone."""
    behind = "vocoder" if bench.pipeline.vocoder else "Griffin-Lim"
    figures = _figures(bench, f"autoencoder and {behind}", bench.takes.round_trip, _AIMS)
    if bench.pipeline.vocoder:
        figures += _figures(bench, "vocoder alone", _resynthesis(bench, vocoder=True), _NO_AIMS)
    plain = _resynthesis(bench, vocoder=False)
    figures += _figures(bench, "Griffin-Lim alone", plain, _NO_AIMS)
    return Section(
        name="round-trip",
        title="Round trip",
        figures=tuple(figures),
        remarks=(
            "Wide bands hold several bins of the spectrum; the log-spectral distance is of bands, "
            "and says nothing of what is within them. The frame-rate line is the most that a "
            "multiple of the frame rate stands out of the envelope's spectrum, above what it does "
            "in the original. Bass is what peaks from 60 to 200 Hz hold.",
        ),
    )


def _resynthesis(bench: Bench, *, vocoder: bool) -> Callable[[Sound, int], Sound]:
    return lambda sound, seed: bench.resynthesised(sound, seed, vocoder=vocoder)


def _figures(
    bench: Bench, name: str, make: Callable[[Sound, int], Sound], aims: tuple[Aim | None, ...]
) -> list[Figure]:
    agreement, distance, lines = [], [], []
    detail, contrasts, basses = [], [], []
    for index, (truth, controls) in enumerate(zip(bench.truth, bench.controls, strict=True)):
        made = make(truth, index)
        agreement.append(melody_accuracy(controls_of(made, bench.config), controls))
        distance.append(log_spectral_distance(made, truth, bench.config))
        detail.append(detail_distance(made, truth, bench.config))
        basses.append(right_notes_share(made, truth, bench.rate, BASS))
        contrasts.append(contrast(made, bench.config) - contrast(truth, bench.config))
        lines.append(_lines(bench, made) - _lines(bench, truth))
    worst = _worst_line(np.array(lines))
    return [
        mean_figure(f"{name}: chroma agreement", agreement, aim=aims[0]),
        mean_figure(f"{name}: log-spectral distance", distance, aim=aims[1], unit="neper"),
        mean_figure(f"{name}: bass on the original's semitones", basses),
        mean_figure(f"{name}: distance within wide bands", detail, unit="neper"),
        mean_figure(f"{name}: contrast within wide bands, above the original's", contrasts,
                    unit="neper"),
        mean_figure(
            f"{name}: frame-rate line above the original's",
            np.array(lines)[:, worst],
            aim=aims[2],
            unit="dB",
            note=f"at {MULTIPLES[worst]} x the frame rate",
        ),
        mean_figure(
            f"{name}: cues with a line more than {_LINE_DB:g} dB above the original's",
            np.any(np.array(lines) > _LINE_DB, axis=1).astype(float),
        ),
    ]


def _lines(bench: Bench, sound: Sound) -> NDArray[np.float64]:
    return line_prominence_db(sound, bench.rate, bench.rate / bench.config.hop)


def _worst_line(lines: NDArray[np.float64]) -> int:
    """The multiple that stands out most on average over items. (items, multiples)"""
    heard = np.isfinite(lines).all(axis=1)
    return int(lines[heard].mean(axis=0).argmax()) if heard.any() else 0
