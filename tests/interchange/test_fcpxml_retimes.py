"""Retimes as FCPXML maps them: own time to media time, also of media at another rate."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest
from fcpxml_plain import FRAME, clip, film, gap, project, span, standing, written
from fcpxml_rules import seconds

FILM = Fraction(24000, 1001)


@pytest.mark.parametrize("speed", [2.0, 0.5, -1.0, -2.0, 1 / 3])
def test_a_retime_maps_own_time_to_that_of_the_media(speed: float) -> None:
    one = clip("a", 300, 48, effects=[otio.schema.LinearTimeWarp(time_scalar=speed)])
    one.markers.append(otio.schema.Marker("here", span(300 + 12 * abs(speed), 0)))
    found = standing(written(film([one])).data)["a"]
    points = [
        (seconds(point.get("time")), seconds(point.get("value")))
        for point in found.element.findall("timeMap/timept")
    ]
    (own_a, media_a), (own_b, media_b) = points

    def media(own_s: Fraction) -> Fraction:
        return media_a + (own_s - own_a) * (media_b - media_a) / (own_b - own_a)

    ends = media(found.start_s), media(found.start_s + 2)
    assert min(ends) == pytest.approx(300 / 24, abs=1e-8)
    assert ends[1] - ends[0] == pytest.approx(2 * speed, abs=1e-8)
    assert {media_a, media_b} == {0, 1000 * FRAME}
    ((_, _, at_s),) = found.marks()
    seen_s = 0.5 if speed > 0 else 1.5 - FRAME / -speed  # where its frame begins backwards
    assert at_s == pytest.approx(seen_s, abs=1e-8)


def test_a_freeze_frame_holds_one_frame() -> None:
    one = clip("a", 300, 48, effects=[otio.schema.FreezeFrame()])
    found = standing(written(film([one])).data)["a"]
    points = found.element.findall("timeMap/timept")
    assert {seconds(point.get("value")) for point in points} == {Fraction(300, 24)}
    assert seconds(points[1].get("time")) - seconds(points[0].get("time")) == 2


def test_media_of_another_rate_run_as_fast_as_they_do() -> None:
    one = clip("a", 0, 48, available=span(0, 1000, Fraction(25)))
    found = standing(written(film([one])).data)["a"]
    conform = found.element.find("conform-rate")
    assert conform is not None
    assert (conform.get("scaleEnabled"), conform.get("srcFrameRate")) == ("0", "25")


def test_media_that_count_alike_are_played_frame_for_frame() -> None:
    one = clip("a", 100, 48, available=span(0, 1000, FILM))
    timeline = film([one], [gap(24), clip("over", 0, 24)])
    data = written(timeline).data
    element = project(data).find(".//project/sequence/spine/asset-clip")
    assert dict(element.find("conform-rate").attrib) == {"srcFrameRate": "23.98"}
    assert seconds(element.get("start")) == 100 / FILM
    assert seconds(element.get("duration")) == 2
    assert seconds(element.find("asset-clip").get("offset")) == 124 / FILM
