"""Figures of one system from the features of its clips and of their references."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from otio_hpm.errors import SettingsError
from otio_hpm.evaluation.beats import beat_f1
from otio_hpm.evaluation.divergence import kl_softmax
from otio_hpm.evaluation.dynamics import macro_correlation, micro_correlation
from otio_hpm.evaluation.evidence.report import Figure, mean_figure, pooled_figure
from otio_hpm.evaluation.inception_score import PARTS, inception_score
from otio_hpm.evaluation.melody import melody_accuracy
from otio_hpm.evaluation.rhythm import RhythmScores, rhythm, rhythm_scores
from otio_hpm.evaluation.tables.distance_figures import fad_columns, fad_figures
from otio_hpm.evaluation.tables.features import Values, controls_from
from otio_hpm.evaluation.tables.picture_figures import (
    AFFECT_COLUMNS,
    JOIN_COLUMNS,
    SYNC_COLUMNS,
    affect_figures,
    join_figures,
    sync_figures,
)
from otio_hpm.evaluation.tables.style_figures import (
    COPY_COLUMNS,
    STYLE_COLUMNS,
    copy_figures,
    style_figures,
)

Clips = Sequence[Values]
"""One feature of each clip."""
Numbers = Sequence[int] | NDArray[np.intp]
"""Clips that are drawn."""
Against = Literal["reference", "style", "film", "known", "itself"]
_TIME_COLUMN = "s per window"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What is computed together, because it reads the same feature."""

    feature: str
    """Its name in `features`."""
    against: Against
    """The reference's music, the style that is followed, the picture, music that was trained on, or
    nothing but the clip itself."""
    paired: bool
    """Whether it changes when a system's clips are held against others' references."""
    columns: tuple[str, ...]
    """Names of its figures."""
    figures: Callable[[Clips, Any], list[Figure]]
    """Figures of a system's clips, paired with what they are held against."""


def _rhythm(made: Clips, reference: Clips) -> list[Figure]:
    clips = [rhythm(a, b) for a, b in zip(made, reference, strict=True)]
    bcs, bhs = np.array([c.bcs for c in clips]), np.array([c.bhs for c in clips])

    def scores(chosen: Numbers) -> RhythmScores:
        return rhythm_scores([clips[i] for i in chosen])

    return [
        mean_figure("BCS", bcs),
        mean_figure("BHS", bhs),
        pooled_figure("F1", lambda chosen: scores(chosen).f1, np.array([c.f1 for c in clips])),
        pooled_figure("CSD", lambda chosen: scores(chosen).csd, bcs),
        pooled_figure("HSD", lambda chosen: scores(chosen).hsd, bhs),
    ]


def _beats(made: Clips, reference: Clips) -> list[Figure]:
    pairs = zip(made, reference, strict=True)
    return [mean_figure("beat F1", [beat_f1(a, b) for a, b in pairs])]


def _control(made: Clips, style: Clips) -> list[Figure]:
    """Over the frames that both have."""
    shared = [min(a.shape[1], b.shape[1]) for a, b in zip(made, style, strict=True)]
    heard = [controls_from(a[:, :n]) for a, n in zip(made, shared, strict=True)]
    wanted = [controls_from(b[:, :n]) for b, n in zip(style, shared, strict=True)]
    pairs = list(zip(heard, wanted, strict=True))
    micro = [micro_correlation(h.dynamics_db, w.dynamics_db) for h, w in pairs]

    def macro(chosen: Numbers) -> float:
        drawn = [pairs[i] for i in chosen]
        return macro_correlation(
            [h.dynamics_db for h, _ in drawn], [w.dynamics_db for _, w in drawn]
        )

    return [
        mean_figure("melody accuracy", [melody_accuracy(h, w) for h, w in pairs]),
        mean_figure("dynamics micro", micro),
        pooled_figure("dynamics macro", macro, np.array(micro)),
    ]


def _levels(made: Clips, reference: Clips) -> list[Figure]:
    apart = np.stack(made) - np.stack(reference)
    return [
        mean_figure("loudness difference", apart[:, 0], unit="LU"),
        mean_figure("true peak difference", apart[:, 1], unit="dB"),
    ]


def _in_tune(made: Clips, reference: Clips) -> list[Figure]:
    return [mean_figure("in tune", np.array(made))]


def _seconds(made: Clips, _: Clips) -> list[Figure]:
    return [mean_figure(_TIME_COLUMN, np.array(made), unit="s")]


def _inception(made: Clips, reference: Clips) -> list[Figure]:
    """In as many parts as hold two clips each, at most the usual ten."""
    logits = np.stack(made)
    parts = min(PARTS, max(1, len(made) // 2))
    no_items = np.full(len(made), np.nan)
    return [pooled_figure("IS", lambda chosen: inception_score(logits[chosen], parts), no_items)]


def _divergence(made: Clips, reference: Clips) -> list[Figure]:
    return [mean_figure("KL", kl_softmax(np.stack(made), np.stack(reference)))]


MEASURES: dict[str, Measure] = {
    "rhythm": Measure(feature="onsets", against="reference", paired=True, figures=_rhythm,
                      columns=("BCS", "BHS", "F1", "CSD", "HSD")),
    "beats": Measure(feature="beats", against="reference", paired=True, figures=_beats,
                     columns=("beat F1",)),
    "control": Measure(feature="controls", against="style", paired=True, figures=_control,
                       columns=("melody accuracy", "dynamics micro", "dynamics macro")),
    "is": Measure(feature="cnn14", against="reference", paired=False, figures=_inception,
                  columns=("IS",)),
    "kl": Measure(feature="cnn14", against="reference", paired=True, figures=_divergence,
                  columns=("KL",)),
    "fad": Measure(feature="vggish", against="reference", paired=False,
                   figures=fad_figures("FAD"), columns=fad_columns("FAD")),
    "fad-embedded": Measure(feature="embedding", against="reference", paired=False,
                            figures=fad_figures("FAD-embedded"),
                            columns=fad_columns("FAD-embedded")),
    "levels": Measure(feature="levels", against="reference", paired=False, figures=_levels,
                      columns=("loudness difference", "true peak difference")),
    "in-tune": Measure(feature="intonation", against="reference", paired=False, figures=_in_tune,
                       columns=("in tune",)),
    "picture": Measure(feature="affect", against="film", paired=True, figures=affect_figures,
                       columns=AFFECT_COLUMNS),
    "sync": Measure(feature="onset times", against="film", paired=True, figures=sync_figures,
                    columns=SYNC_COLUMNS),
    "styles": Measure(feature="embedding", against="known", paired=True, figures=style_figures,
                      columns=STYLE_COLUMNS),
    "copies": Measure(feature="variety", against="known", paired=False, figures=copy_figures,
                      columns=COPY_COLUMNS),
    "joins": Measure(feature="joins", against="itself", paired=False, figures=join_figures,
                     columns=JOIN_COLUMNS),
    "time": Measure(feature="seconds", against="itself", paired=False, figures=_seconds,
                    columns=(_TIME_COLUMN,)),
}  # fmt: skip
"""By name, in the order of their columns."""

_QUALITY = ("is", "kl", "fad", "fad-embedded")
TABLES: dict[str, tuple[str, ...]] = {
    "2": ("rhythm", *_QUALITY),
    "3": ("control", *_QUALITY, "time"),
    "4": ("rhythm", *_QUALITY),
}
"""Measures of the paper's tables of these numbers."""


def chosen_measures(text: str, table: str | None) -> list[str]:
    """Names of measures, separated by commas; a table's where the text is empty, or all.

    Raises SettingsError for a name that is none.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise SettingsError(
            f"{', '.join(map(repr, unknown))} is no measure",
            hint=f"They are {', '.join(MEASURES)}.",
        )
    wanted = names or (TABLES[table] if table else MEASURES)
    return [name for name in MEASURES if name in wanted]
