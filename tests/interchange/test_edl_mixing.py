"""Dissolves, wipes and fades in a written edit decision list."""

from __future__ import annotations

from edl_timelines import clip, events, gap, lines, mix, timeline


def test_a_dissolve_is_two_lines_and_a_comment_tells_its_edit_point() -> None:
    text, _ = lines(timeline([clip("a", 0), mix(8, 16), clip("b", 100, 72)]))
    assert text == [
        "001  AX       V     C        00:00:00:00 00:00:01:16 01:00:00:00 01:00:01:16",
        "* FROM CLIP NAME:  a",
        "002  AX       V     C        00:00:01:16 00:00:01:16 01:00:01:16 01:00:01:16",
        "002  AX       V     D    024 00:00:03:20 00:00:07:04 01:00:01:16 01:00:05:00",
        "* HPM EDIT POINT: 01:00:02:00",
        "* FROM CLIP NAME:  a",
        "* TO CLIP NAME:  b",
    ]


def test_fades_go_through_black() -> None:
    text, _ = lines(timeline([], [mix(0, 12), clip("a", 0, 96), mix(24, 0), gap(24)], kinds="VA"))
    assert [line for line in text if not line.startswith("*")] == [
        "001  BL       A     C        00:00:00:00 00:00:00:00 01:00:00:00 01:00:00:00",
        "001  AX       A     D    012 00:00:00:00 00:00:03:00 01:00:00:00 01:00:03:00",
        "002  AX       A     C        00:00:03:00 00:00:03:00 01:00:03:00 01:00:03:00",
        "002  BL       A     D    024 00:00:00:00 00:00:01:00 01:00:03:00 01:00:04:00",
    ]


def test_a_wipe_keeps_its_pattern_and_other_transitions_are_named() -> None:
    wipe = mix(0, 10, "SMPTE_Wipe", metadata={"cmx_3600": {"transition": "W014"}})
    text, lost = lines(timeline([clip("a"), wipe, clip("b"), mix(0, 10, "Page_Peel"), clip("c")]))
    assert [event[3:5] for event in events(text) if event[3] != "C"] == [
        ["W014", "010"],
        ["D", "010"],
    ]
    assert "transitions of another kind become dissolves: mix" in lost


def test_transitions_that_do_not_fit_are_named() -> None:
    text, lost = lines(timeline([clip("a"), mix(60, 0.25), clip("b")]))
    assert [event[4] for event in events(text) if event[3] == "D"] == ["047"]
    assert "transitions longer than what they join are shortened: 'b'" in lost
    assert "rounded to whole frames" in lost
