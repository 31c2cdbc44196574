"""Fades and levels in written Final Cut Pro 7 XML."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import pytest
from fcp7_deliveries import RATE, delivery, fade, film, ours, score, shot, texts, written
from opentimelineio import schema
from test_fcp7_round_trips import span

from otio_hpm.interchange.fcp7 import write_fcp7


def test_fades_of_ours_are_the_host_s_cross_fades() -> None:
    timeline = film()
    timeline.tracks.append(
        score(
            schema.Gap(source_range=span(0, 48, RATE)), fade(0, 12), ours(1, 48, 96), fade(10, 6),
            ours(2, 144, 96), fade(24, 0),
        )
    )  # fmt: skip
    root = written(timeline)
    for lane in root.findall(".//audio/track"):
        assert [child.tag for child in lane][1:6] == [
            "transitionitem", "clipitem", "transitionitem", "clipitem", "transitionitem",
        ]  # fmt: skip
        found = [texts(one, "start", "end", "alignment") for one in lane.iter("transitionitem")]
        assert found == [
            ["48", "60", "start-black"], ["134", "150", "center"], ["216", "240", "end-black"],
        ]  # fmt: skip
        effects = {one.findtext("effect/name") for one in lane.iter("transitionitem")}
        assert effects == {"Cross Fade (+3dB)"}
        edges = [texts(one, "start", "end", "in", "out") for one in lane.iter("clipitem")]
        assert edges == [["-1", "-1", "24", "126"], ["-1", "-1", "14", "120"]]


def test_a_fade_shorter_than_half_a_frame_is_named() -> None:
    timeline = film()
    timeline.tracks.append(score(fade(0, 0.25), ours(1, 0, 96), fade(7.75, 0)))
    found = write_fcp7(timeline, delivery())
    assert "fades shorter than half a frame are left out: at record frame 0" in found.losses
    assert "fades are rounded to whole frames: at record frame 96" in found.losses
    starts = {one.findtext("start") for one in ET.fromstring(found.data).iter("transitionitem")}
    assert starts == {"88"}


def test_a_fade_longer_than_all_that_stands_before_it_is_named() -> None:
    timeline = film()
    timeline.tracks.append(score(ours(1, 0, 4), fade(9, 0)))
    found = write_fcp7(timeline, delivery())
    assert "fades are cut where the timeline begins: at record frame 4" in found.losses
    starts = {one.findtext("start") for one in ET.fromstring(found.data).iter("transitionitem")}
    assert starts == {"0"}


def test_levels_of_resolve_are_audio_levels() -> None:
    item = shot()
    parameters = [{"Parameter ID": "volume", "Parameter Value": -6.0}]
    item.effects.append(
        schema.Effect(
            effect_name="Resolve Effect",
            metadata={"Resolve_OTIO": {"Enabled": True, "Parameters": parameters}},
        )
    )
    root = written(film(("Audio", [item])))
    effect = root.find(".//clipitem/filter/effect")
    assert effect is not None and effect.findtext("effectid") == "audiolevels"
    level = float(effect.findtext("parameter/value", ""))
    assert 20 * math.log10(level) == pytest.approx(-6.0, abs=1e-3)
