"""The paper's figures are drawn of what they are given, whole, and the same each time."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from sounds import chord, tone

from otio_hpm.errors import ModelError
from otio_hpm.evaluation.figures import panels
from otio_hpm.evaluation.figures.film_score import draw_film_score
from otio_hpm.evaluation.figures.originality import Styles, draw_originality
from otio_hpm.evaluation.figures.plotting import pyplot
from otio_hpm.evaluation.figures.style_transfer import draw_style_transfer
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import controls_of

pytest.importorskip("matplotlib")
CONFIG = ModelConfig()
FRAMES = np.random.default_rng(0).integers(0, 255, (40, 36, 64, 3), np.uint8)
PNG = b"\x89PNG\r\n\x1a\n"


def words(svg: Path) -> set[str]:
    """All that is written in a figure."""
    return set(re.findall(r"<text[^>]*>([^<]*)</text>", svg.read_text("utf-8")))


def test_a_score_is_drawn_under_its_film(tmp_path: Path) -> None:
    sounds = {"reference": tone(440), "ours": chord((60, 64, 67))}
    png, svg = draw_film_score(tmp_path / "3", "dawn <1>", FRAMES, sounds, CONFIG)
    assert png.read_bytes().startswith(PNG)
    assert {"valence", "arousal", "color harmony", "ours", "melody", "dB"} <= words(svg)
    assert "dawn &lt;1&gt;" in words(svg)
    first = svg.read_bytes(), png.read_bytes()
    draw_film_score(tmp_path / "3", "dawn <1>", FRAMES, sounds, CONFIG)
    assert (svg.read_bytes(), png.read_bytes()) == first


def test_a_style_is_drawn_beside_what_follows_it(tmp_path: Path) -> None:
    # A clip that is silent, and no whole number of frames.
    made = {"ours": np.zeros(100_001, np.float32), "theirs": chord((62, 65))}
    _, svg = draw_style_transfer(tmp_path / "4", "dawn", tone(440), made, tone(330), CONFIG)
    assert {"reference", "ours", "theirs", "style", "dawn; red: of the style"} <= words(svg)


def test_the_melody_is_drawn_where_it_sounds() -> None:
    figure, axis = pyplot().subplots()
    sound = np.concatenate([tone(440.0, 2), tone(523.25, 2)])  # A, then C
    panels.melody(axis, sound, controls_of(sound, CONFIG), None, CONFIG)
    seconds, line = axis.lines[0].get_data()
    assert line[np.searchsorted(seconds, 1.0)] == 9
    assert line[np.searchsorted(seconds, 3.0)] == 0
    pyplot().close(figure)


def test_a_system_stands_at_the_mean_of_its_styles(tmp_path: Path) -> None:
    styles = Styles(originality={"calm": 0.2, "tense": 0.6, "alone": 9.0},
                    recognizability={"calm": 1.0, "tense": 0.5})  # fmt: skip
    assert styles.points().mean(axis=0) == pytest.approx([0.4, 0.75])
    _, svg = draw_originality(tmp_path / "2", {"ours": styles}, 0.25, "network 1a2b")
    assert {"ours", "chance", "originality: deviation within a style, network 1a2b"} <= words(svg)


def test_without_matplotlib_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ModelError, match="matplotlib is not installed"):
        draw_originality(tmp_path / "2", {}, 0.5, "network")
