"""Transitions of FCPXML are known by their effects, not by what they are called."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from fcpxml_plain import FRAME, clip, delivery, dissolve, film, gap, project, standing, written
from fcpxml_rules import seconds

from otio_hpm.interchange.fcpxml.reading import read_fcpxml
from otio_hpm.interchange.fcpxml.writing import write_fcpxml

WIPE_UID = "FxPlug:857A6D52-5A34-4C2D-8AF0-D7EBA0A9BD1A"
TYPES = otio.schema.TransitionTypes


def again(timeline: Any, folder: Path, **effect: str) -> tuple[Any, tuple[str, ...]]:
    """The one transition as it comes back, and what was lost; `effect` is changed in the file."""
    path = folder / "again.fcpxml"
    result = write_fcpxml(timeline, delivery(Fraction(24), 0, path=path))
    text = result.data.decode()
    for old, new in effect.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    (sequence,) = read_fcpxml(path).sequences
    (found,) = [
        one for one in sequence.timeline.tracks[0] if isinstance(one, otio.schema.Transition)
    ]
    return found, result.losses


def cut(**transition: Any) -> Any:
    return film([clip("a", 100, 48), dissolve(6, 6, **transition), clip("b", 200, 48)])


@pytest.mark.parametrize("name", ["Slow Melt", "Überblendung", "Wipe"])
def test_a_dissolve_of_another_name_stays_one(name: str, tmp_path: Path) -> None:
    found, losses = again(cut(name=name), tmp_path)
    assert (found.transition_type, found.name) == (TYPES.SMPTE_Dissolve, name)
    assert not any("ransition" in loss for loss in losses)


def test_another_effect_is_no_dissolve_whatever_it_is_called(tmp_path: Path) -> None:
    """And stays what it is when it is written again, with its effect."""
    uid = "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265"
    found, _ = again(cut(name="Dissolve of Dots"), tmp_path, **{uid: WIPE_UID})
    assert (found.transition_type, found.name) == (TYPES.Custom, "Dissolve of Dots")
    timeline = film([clip("a", 100, 48), found.deepcopy(), clip("b", 200, 48)])
    third, losses = again(timeline, tmp_path)
    assert (third.transition_type, third.name) == (TYPES.Custom, "Dissolve of Dots")
    assert not any("ransition" in loss for loss in losses)


@pytest.mark.parametrize("name", ["Barn Door", ""])
def test_what_has_no_effect_here_becomes_a_dissolve_and_is_named(name: str, tmp_path: Path) -> None:
    found, losses = again(cut(name=name, transition_type="SMPTE_Wipe"), tmp_path)
    assert found.transition_type == TYPES.SMPTE_Dissolve
    said = f"Transitions of other kinds are written as dissolves: {name or 'SMPTE_Wipe'!r}"
    assert said in losses


@pytest.mark.parametrize(("name", "said"), [("Soft", "'Soft'"), ("", "one at 'b'")])
def test_sound_transitions_that_are_moved_are_told_by_name_or_place(name: str, said: str) -> None:
    sound = (clip("a", 100, 48), dissolve(6.5, 6.5, name=name), clip("b", 200, 48))
    losses = write_fcpxml(film([clip("p", 0, 96)], sound), delivery(Fraction(24), 0)).losses
    assert f"Transitions of sound are moved to whole frames: {said}" in losses


def test_a_fade_without_a_name_that_is_too_long_is_told_by_its_clip() -> None:
    sound = (clip("a", 100, 24), dissolve(6, 6))
    losses = write_fcpxml(film([clip("p", 0, 96)], sound), delivery(Fraction(24), 0)).losses
    (said,) = (loss for loss in losses if "only as long as" in loss)
    assert said.endswith(": one at 'a'")


def test_a_dissolve_lies_over_its_cut() -> None:
    timeline = film([clip("a", 0, 48), dissolve(6, 10), clip("b", 100, 48)])
    data = written(timeline, start=24).data
    spine = project(data).find(".//project/sequence/spine")
    assert [child.tag for child in spine] == ["asset-clip", "transition", "asset-clip"]
    assert seconds(spine[1].get("offset")) == (24 + 42) * FRAME
    assert seconds(spine[1].get("duration")) == 16 * FRAME
    effect = spine[1].find("filter-video").get("ref")
    assert project(data).find(f"resources/effect[@id='{effect}']").get("name") == "Cross Dissolve"
    found = standing(data)
    assert (found["a"].length_s, found["b"].record_s) == (2, 2)


def test_a_dissolve_on_an_upper_track_needs_a_storyline_of_its_own() -> None:
    upper = [gap(12), clip("a", 0, 24), dissolve(4, 4), clip("b", 50, 24), gap(6), clip("c", 0, 6)]
    data = written(film([clip("base", 0, 100)], upper)).data
    base = project(data).find(".//project/sequence/spine/asset-clip")
    assert [child.tag for child in base] == ["spine", "asset-clip"]
    assert [child.tag for child in base[0]] == ["asset-clip", "transition", "asset-clip"]
    found = standing(data)
    where = {name: found[name].record_s / FRAME for name in "abc"}
    assert where == {"a": 12, "b": 36, "c": 66}
    assert seconds(base[0][1].get("offset")) == 20 * FRAME


def test_transitions_do_not_reach_beyond_the_film() -> None:
    track = [dissolve(6, 4, name="from"), clip("a", 0, 24), dissolve(4, 6, name="to")]
    result = written(film(track))
    found = project(result.data).findall(".//spine/transition")
    where = [(seconds(one.get("offset")), seconds(one.get("duration"))) for one in found]
    assert where == [(0, 4 * FRAME), (20 * FRAME, 4 * FRAME)]
    assert any("'from', 'to'" in loss for loss in result.losses)


def test_a_storyline_has_transitions_at_its_head_its_cut_and_its_tail() -> None:
    upper = [gap(12), dissolve(0, 4), clip("a", 0, 24), dissolve(4, 4), clip("b", 50, 24)]
    upper.append(dissolve(6, 0))
    data = written(film([clip("base", 0, 100)], upper)).data
    line = project(data).find(".//project/sequence/spine/asset-clip/spine")
    assert [child.tag for child in line] == [
        "transition", "asset-clip", "transition", "asset-clip", "transition",
    ]  # fmt: skip
    at = [seconds(one.get("offset")) / FRAME for one in line.findall("transition")]
    assert at == [0, 20, 42]


def test_a_storyline_of_a_file_stays_one() -> None:
    """Also where no transition joins its clips; what is in no storyline is connected alone."""
    upper = [clip("a", 0, 24), gap(6), clip("b", 50, 24), clip("c", 0, 6)]
    for item in upper[:3]:
        item.metadata["fcpxml"] = {"storyline": 7}
    base = project(written(film([clip("base", 0, 100)], upper)).data).find(".//spine/asset-clip")
    assert [child.tag for child in base] == ["spine", "asset-clip"]
    assert [child.get("name") for child in base[0]] == ["a", "Gap", "b"]
