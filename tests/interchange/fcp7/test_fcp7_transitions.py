"""Transitions of Final Cut Pro 7 XML: a kind of its own is kept, or it is named as lost."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from opentimelineio import opentime, schema
from test_fcp7_round_trips import back, span

from otio_hpm.interchange.exchange import Delivery

RATE = Fraction(24)
TYPES = schema.TransitionTypes
PEEL = {
    "effect": {
        "name": "Page Peel", "effectid": "Page Peel", "effectcategory": "Page Peel",
        "effecttype": "transition", "mediatype": "video",
    }
}  # fmt: skip


def again(**said: Any) -> tuple[Any, str]:
    """A transition as it comes back, and what was lost."""
    half = opentime.RationalTime(6, 24)
    clips = [schema.Clip(name=name, source_range=span(100, 48, RATE)) for name in "ab"]
    clips.insert(1, schema.Transition(in_offset=half, out_offset=half, **said))
    timeline = schema.Timeline("t")
    timeline.tracks.append(schema.Track("V1", kind="Video", children=clips))
    delivery = Delivery(path=Path("/t.xml"), rate=RATE, start_frames=0, drop_frame=False)
    sequence, losses, _ = back(timeline, delivery)
    return sequence.timeline.tracks[0][1], "\n".join(losses)


@pytest.mark.parametrize("name", ["Barn Door", ""])
def test_a_kind_without_its_effect_becomes_a_dissolve_and_is_named(name: str) -> None:
    found, losses = again(name=name, transition_type="SMPTE_Wipe")
    assert (found.transition_type, found.name) == (TYPES.SMPTE_Dissolve, "Cross Dissolve")
    said = f"transitions of other kinds are written as dissolves: {name or 'SMPTE_Wipe'!r}"
    assert said in losses


def test_a_kind_that_such_a_file_gave_stays() -> None:
    kept = {"fcp_xml": PEEL}
    found, losses = again(name="Page Peel", transition_type=TYPES.Custom, metadata=kept)
    assert (found.transition_type, found.name) == (TYPES.Custom, "Page Peel")
    assert "ransition" not in losses


@pytest.mark.parametrize("name", ["Film Dissolve", "Slow Melt"])
def test_the_name_of_a_dissolve_is_told_as_lost(name: str) -> None:
    found, losses = again(name=name, transition_type=TYPES.SMPTE_Dissolve)
    assert found.transition_type == TYPES.SMPTE_Dissolve
    assert f"names of transitions are left out: {name!r}" in losses
