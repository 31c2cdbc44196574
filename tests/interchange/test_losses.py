"""Losses name every place for programs, and the first few for people."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from pathlib import Path

import pytest

from otio_hpm.cli.printing import print_json
from otio_hpm.cli.relink import show
from otio_hpm.interchange.losses import Loss, Losses, short
from otio_hpm.interchange.marker_list import Clock, ListedMarker
from otio_hpm.interchange.marker_table import write_sheet
from otio_hpm.scoring.relink import Relinked


def test_a_loss_is_its_whole_sentence_and_knows_a_short_one() -> None:
    losses = Losses()
    for number in range(7):
        losses.add("colours are left out", f"clip {number}")
        losses.add("colours are left out", f"clip {number}")
    losses.add("names are left out", "clip 1")
    losses.add("trims")
    colours, *others = losses.sentences()
    whole = "colours are left out: " + ", ".join(f"clip {number}" for number in range(7))
    brief = "colours are left out: clip 0, clip 1, clip 2, clip 3, clip 4 and 2 more"
    for one in (colours, copy.deepcopy(colours)):
        assert (one, short(one)) == (whole, brief)
    assert others == list(map(short, others)) == ["names are left out: clip 1", "trims"]
    assert short("a plain sentence") == "a plain sentence"


def test_json_lists_all_places_and_the_terminal_the_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    losses = Losses()
    for number in range(9):
        losses.add("colours are left out", f"shot {number}")
    path = Path("moved.edl")
    done = Relinked(
        timeline=path,
        folder=path.parent,
        audio=(),
        copied=0,
        removed=0,
        losses=losses.sentences(),
        changes=(),
        warnings=losses.sentences(),
    )
    print_json(done)
    (told,) = json.loads(capsys.readouterr().out)["losses"]
    assert all(f"shot {number}" in told for number in range(9))
    show(done)
    shown = capsys.readouterr().err
    assert shown.count("shot 4 and 4 more") == 2 and "shot 5" not in shown


def test_markers_of_a_list_that_lose_something_are_all_named() -> None:
    markers = [
        ListedMarker(name=f"m{at}", in_frames=at, out_frames=at, track="V1") for at in range(3)
    ]
    (loss,) = write_sheet(markers, Clock(rate=Fraction(24), drop_frame=False), "x").losses
    assert loss == "3 markers, 'm0', 'm1', 'm2': its track is not kept"
    assert short(loss) == "3 markers, the first 'm0': its track is not kept"
    assert isinstance(loss, Loss)
