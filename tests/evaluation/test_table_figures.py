"""Figures of tables: each on what is known, with a case in which the plain version is wrong."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sounds import RATE, chord, noise, struck

from otio_hpm.evaluation.evidence.report import Figure
from otio_hpm.evaluation.onsets import onset_times_s
from otio_hpm.evaluation.tables.distance_figures import fad_figures
from otio_hpm.evaluation.tables.drawing import draw_styles
from otio_hpm.evaluation.tables.picture_figures import (
    affect_figures,
    join_changes,
    join_figures,
    music_affect,
    sync_figures,
)
from otio_hpm.evaluation.tables.pictures import Film, film_of_frames
from otio_hpm.evaluation.tables.rows import Cell, Row
from otio_hpm.evaluation.tables.style_figures import (
    Beside,
    Known,
    StyledFigure,
    copy_figures,
    style_figures,
)
from otio_hpm.evaluation.variety import features
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.windows import WindowPlan

CONFIG = ModelConfig()
RNG = np.random.default_rng(0)


def by_name(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures}


def film(arousal: float = 0.5, valence: float = 0.5, cuts: tuple[float, ...] = ()) -> Film:
    return Film(arousal=arousal, valence=valence, cuts_s=np.array(cuts), hits_s=np.zeros(0))


def test_distance_at_infinity_takes_out_the_bias_of_few_clips() -> None:
    truth = list(RNG.standard_normal((3000, 1, 8)))
    made = list(RNG.standard_normal((120, 1, 8)))
    found = by_name(fad_figures("FAD-embedded")(made, truth))
    assert list(found) == ["FAD-embedded", "FAD-embedded-inf"]
    # The same distribution: what is measured of 120 clips is bias.
    assert found["FAD-embedded"].value > 0.05
    assert abs(found["FAD-embedded-inf"].value) < found["FAD-embedded"].value / 2
    assert math.isnan(found["FAD-embedded-inf"].low)
    assert [f.name for f in fad_figures("FAD")(made[:20], truth)] == ["FAD"]


def test_copies_are_near_and_new_music_is_as_far_as_known_music_is_apart() -> None:
    def piece(number: int, level: float = 0.1) -> NDArray[np.float64]:
        keys = np.random.default_rng(number).integers(55, 67, (4, 3))
        sound = np.concatenate([level * 10 * chord(k, 1.0) for k in keys]) + noise(4.0, number) / 99
        return features(sound.astype(np.float32), RATE)

    known = Known([piece(n) for n in range(24)], ["one"] * 24)
    beside = [Beside(known=known, style="one")] * 8
    recited = by_name(copy_figures([piece(n, 0.03) for n in range(8)], beside))
    new = by_name(copy_figures([piece(n) for n in range(100, 108)], beside))
    assert recited["copies"].value == 1
    assert new["copies"].value == 0
    # A distance is never 0, also of a copy: without that of new music it tells nothing.
    assert 0 < recited["nearest known"].value < new["nearest known"].value / 3
    assert copy_figures([], [Beside(known=Known([piece(0)], ["one"]), style="one")]) == []


def styled(apart: float, seed: int, each: int = 16) -> tuple[list[NDArray[np.float64]], list[str]]:
    """Clips of three styles, two embeddings each."""
    rng = np.random.default_rng(seed)
    names = [name for name in ("elegy", "fanfare", "waltz") for _ in range(each)]
    centres = {name: apart * np.eye(3, 12)[n] for n, name in enumerate(sorted(set(names)))}
    return [centres[name] + rng.normal(0, 1, (2, 12)) for name in names], names


def test_styles_are_recognised_by_real_music_and_not_under_other_names() -> None:
    known = Known(*styled(9.0, seed=1))
    clips, names = styled(9.0, seed=2)
    own = by_name(style_figures(clips, [Beside(known=known, style=n) for n in names]))
    assert own["recognizability"].value > 0.95
    assert own["originality"].value == pytest.approx(1 / math.sqrt(2), rel=0.1)
    other = names[5:] + names[:5]
    mixed = by_name(style_figures(clips, [Beside(known=known, style=n) for n in other]))
    assert mixed["recognizability"].value < 0.8
    # Of clips that are of several styles it is the styles' distance, which no system has made.
    assert mixed["originality"].value > 1.3 * own["originality"].value
    assert not np.isnan(own["recognizability"].items).any()
    for figure in own.values():
        assert isinstance(figure, StyledFigure)
        assert figure.value == pytest.approx(np.mean(list(figure.per_style.values())))


def test_styles_that_are_not_known_or_cannot_be_told_are_not_measured() -> None:
    clips, names = styled(3.0, seed=1, each=2)
    one = Known(clips, ["elegy"] * len(clips))
    assert style_figures(clips, [Beside(known=one, style="elegy")] * len(clips)) == []
    known = Known(*styled(3.0, seed=1))
    unknown = [Beside(known=known, style="polka") for _ in clips]
    assert style_figures(clips, unknown) == []
    silent = [np.zeros((0, 12)), *clips[1:]]  # shorter than an embedding
    assert style_figures(silent, [Beside(known=known, style=n) for n in names]) == []


def test_affect_is_explained_by_ranks() -> None:
    arousal, valence = RNG.uniform(0, 1, (2, 40))
    films = [film(a, v) for a, v in zip(arousal, valence, strict=True)]
    heard = [
        np.array([np.exp(9 * a), -90 + 80 * a, -v]) for a, v in zip(arousal, valence, strict=True)
    ]
    found = [figure.value for figure in affect_figures(heard, films)]
    assert found == pytest.approx([1, 1, -1])
    assert np.corrcoef(arousal, [h[0] for h in heard])[0, 1] < 0.8  # by values, not ranks
    shuffled = [figure.value for figure in affect_figures(heard[7:] + heard[:7], films)]
    assert np.abs(shuffled).max() < 0.5


def test_lively_loud_major_music_is_heard_as_such() -> None:
    lively = music_affect(struck(np.arange(0.5, 9.5, 0.3)), RATE)
    still = music_affect(0.1 * chord((60, 63, 67), 10.0), RATE)
    major = music_affect(0.1 * chord((60, 64, 67), 10.0), RATE)
    assert lively[0] > still[0]
    assert lively[1] > still[1]
    assert major[2] > still[2]


def test_cuts_are_met_by_onsets_and_by_chance_where_onsets_are_many() -> None:
    cuts = (1.0, 3.7, 6.2)
    some, many = (onset_times_s(struck(t), RATE) for t in (cuts, np.arange(0.2, 9.8, 0.12)))
    own, other = film(cuts=cuts), film(cuts=(2.2, 5.1, 8.4))
    assert sync_figures([some], [own])[0].value == 1
    assert sync_figures([some], [other])[0].value == 0
    assert sync_figures([many], [other])[0].value > 0.5  # hence the shuffled pairs beside
    assert math.isnan(sync_figures([some], [own])[1].value)  # nobody has named hit points


def test_the_cut_of_a_picture_is_seen() -> None:
    shots = RNG.integers(0, 255, (2, 36, 64, 3), np.uint8)
    found = film_of_frames(np.repeat(shots, [40, 60], axis=0))
    assert found.cuts_s == pytest.approx([4.0])


def test_a_seam_is_told_from_music_that_changes_there() -> None:
    plan = WindowPlan(starts=(0, 64), window=80, length=144)  # joined at 4.6 s, over 1 s
    assert float(CONFIG.latent_s) == 0.064
    middle = round(4.608 * RATE)

    def changing(to: tuple[int, ...]) -> NDArray[np.float32]:
        return np.concatenate([chord((60, 64, 67), 10.0)[:middle], chord(to, 10.0)[middle:]])

    still = chord((60, 64, 67), 10.0) + noise() / 99
    lively = (changing((61, 66, 70)) + noise() / 99).astype(np.float32)
    seam = join_changes((lively, still), plan, CONFIG)
    written = join_changes((lively, lively), plan, CONFIG)
    assert seam is not None
    assert written is not None
    # The change alone is that of a seam in both.
    assert seam[0] == pytest.approx(written[0])
    assert join_figures([seam], [seam])[0].value > 3
    assert join_figures([written], [written])[0].value == pytest.approx(1)


def test_one_window_and_short_clips_have_no_joins() -> None:
    whole = chord((60, 64, 67), 10.0)
    assert (
        join_changes((whole, whole), WindowPlan(starts=(0,), window=160, length=160), CONFIG)
        is None
    )
    plan = WindowPlan(starts=(0, 64), window=80, length=144)
    assert join_changes((whole[: 5 * RATE], whole), plan, CONFIG) is None


def test_figure_2_has_the_systems_whose_styles_were_measured(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    known = Known(*styled(9.0, seed=1))
    clips, names = styled(9.0, seed=2)
    figures = style_figures(clips, [Beside(known=known, style=n) for n in names])
    cells = {figure.name: Cell(figure=figure, clips=tuple(names)) for figure in figures}
    rows = [
        Row(system=name, says="", missing=(), short=(), cells=found, shuffled={})
        for name, found in (("ours", cells), ("unmeasured", {}))
    ]
    draw_styles(tmp_path / "figures" / "figure-2", rows)
    text = (tmp_path / "figures" / "figure-2.svg").read_text("utf-8")
    assert "ours" in text
    assert "unmeasured" not in text
    draw_styles(tmp_path / "none" / "figure-2", rows[1:])
    assert not (tmp_path / "none").exists()
