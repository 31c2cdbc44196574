from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_timelines import marker

from otio_hpm.errors import MarkError, SettingsError
from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.mark_values import KEYS, value_of
from otio_hpm.timeline.marks import MarkChoice, parse_mark, read_text
from otio_hpm.timing import FRAME_RATES, format_timecode, may_drop, parse_duration

FPS = Fraction(24)


def read(made, **settings):
    return MarkChoice(SpottingSettings(**settings)).read(made)


@pytest.mark.parametrize(
    "text",
    ["SCORE", "score tense", "Score: tense", "SCORE - tense", "  SCORE\nslow", "SCORE, slow"],
)
def test_the_word_score_makes_a_mark_in_any_case(text):
    assert read(marker(text)) is not None


@pytest.mark.parametrize("text", ["", "SCORED by", "SCOREBOARD", "score_1", "the SCORE", "fix it"])
def test_other_words_make_no_mark(text):
    assert read(marker(text)) is None


def test_the_word_may_stand_in_name_comment_or_a_vendors_note():
    in_comment = marker("Marker 1", comment="SCORE style=none")
    in_note = marker("Marker 2")
    in_note.metadata["Resolve_OTIO"] = {"Note": "score cue=1m4", "Keywords": []}
    in_fcp = marker("Marker 3")
    in_fcp.metadata["fcp_xml"] = {"comment": "SCORE tense"}
    in_own_note = marker("Marker 4")
    in_own_note.metadata["note"] = "SCORE sad"
    bodies = [read(made).body for made in (in_comment, in_note, in_fcp, in_own_note)]
    assert bodies == ["style=none", "cue=1m4", "tense", "sad"]


def test_an_empty_vendor_comment_is_no_text():
    made = marker("SCORE tense")
    made.metadata["fcp_xml"] = {"comment": None}
    assert read(made).text == "SCORE tense"


def test_after_the_bare_word_the_other_texts_count():
    assert read(marker("SCORE", comment="cue=1m2 slow")).body == "cue=1m2 slow"
    assert read(marker("SCORE", comment="score: dark")).body == "dark"
    assert read(marker("cue=1m2", comment="SCORE")).body == "cue=1m2"


@pytest.mark.parametrize(
    ("name", "comment", "settings", "note"),
    [
        ("SCORE tense", "cue=1m2 slow", {"cue": "1m2"}, "tense slow"),
        ("SCORE tense", "score: slow", {}, "tense"),
        ("SCORE tense", "tense", {}, "tense"),
        ("SCORE style=melody", "style=melody", {"style": "melody"}, ""),
        ("SCORE cue=1m2", "cue=1m3 was it", {"cue": "1m2"}, "cue=1m3 was it"),
        ("SCORE tense", "see https://a.io/x?v=1", {}, "tense see https://a.io/x?v=1"),
        ("SCORE tense", "Anna: tempo=120?", {}, "tense Anna: tempo=120?"),
        ("SCORE tense", 'maestro="no end', {}, 'tense maestro="no end'),
        ("Marker 1", "SCORE tense", {}, "tense"),
    ],
)
def test_texts_after_the_word_may_hold_settings_and_never_spoil_a_mark(
    name, comment, settings, note
):
    assert read_text(read(marker(name, comment=comment))) == (settings, note)


def test_copies_of_a_text_that_differ_in_line_ends_are_one():
    made = marker("SCORE", comment="line one\r\nseed=3")
    made.metadata["Resolve_OTIO"] = {"Note": "line one\nseed=3"}
    assert read_text(read(made)) == ({"seed": "3"}, "line one")


def test_texts_after_what_a_pattern_finds_count_too():
    choice = MarkChoice(SpottingSettings(mark="^MUSIC"))
    for name, note in (("MUSIC tense", "tense"), ("MUSIC", "")):
        said = choice.read(marker(name, comment="cue=1m2"))
        assert said is not None
        assert read_text(said) == ({"cue": "1m2"}, note)


def test_our_metadata_makes_a_mark_and_may_carry_settings_and_the_cue_it_became():
    made = marker("Drums enter")
    made.metadata["otio_hpm"] = {"settings": {"style": "melody"}, "cue": "1m3", "clip": "x.wav"}
    found = read(made)
    assert read_text(found) == ({"style": "melody"}, "Drums enter")
    assert found.earlier_number == "1m3"
    for carried in ({"settings": "style=none strength=0.5"}, "style=none strength=0.5"):
        made.metadata["otio_hpm"] = carried
        assert read_text(read(made))[0] == {"style": "none", "strength": "0.5"}
    made.metadata["otio_hpm"] = None
    assert read(made) is not None


def test_a_pattern_and_colours_choose_others_instead():
    music = marker("MUSIC cue=1m2 tense")
    red = marker("look here", color="RED")
    assert read(music, mark="^MUSIC").body == " cue=1m2 tense"
    assert read(red, mark_colors=("red",)).body == "look here"
    assert read(red, mark="^MUSIC", mark_colors=("red",)) is not None
    assert read(marker("SCORE"), mark="^MUSIC") is None
    assert read(marker("SCORE style=none", color="RED"), mark_colors=("RED",)).body == "style=none"


def test_a_broken_pattern_is_a_settings_error():
    with pytest.raises(SettingsError, match="regular expression"):
        read(marker("x"), mark="(unclosed")


@pytest.mark.parametrize(
    ("body", "settings", "note"),
    [
        ("cue=1m1 slow and dark", {"cue": "1m1"}, "slow and dark"),
        ("slow, CUE=1m1, dark", {"cue": "1m1"}, "slow, dark"),
        ('maestro="my cue.wav" style=melody', {"maestro": "my cue.wav", "style": "melody"}, ""),
        ("maestro='a=b c.wav', fast", {"maestro": "a=b c.wav"}, "fast"),
        ("maestro=“die Ode.wav” Fade-In=12f", {"maestro": "die Ode.wav", "fade_in": "12f"}, ""),
        ("maestro=„die Ode.wav“", {"maestro": "die Ode.wav"}, ""),
        ("maestro=‘director’s cut.wav’", {"maestro": "director’s cut.wav"}, ""),
        ('maestro="director\'s cut.wav"', {"maestro": "director's cut.wav"}, ""),
        ("maestro=a=b.wav", {"maestro": "a=b.wav"}, ""),
        ("style = melody strength= 0.5", {"style": "melody", "strength": "0.5"}, ""),
        ("don't rush", {}, "don't rush"),
        ('"a = b" is a note', {}, "a = b is a note"),
        ("line one\nline two seed=3", {"seed": "3"}, "line one line two"),
        (" - tense", {}, "tense"),
    ],
)
def test_settings_and_note(body, settings, note):
    assert parse_mark(body) == (settings, note)


@pytest.mark.parametrize("body", ['maestro="my cue.wav', "cue='1m1 slow"])
def test_a_quote_must_end(body):
    with pytest.raises(MarkError, match="does not end"):
        parse_mark(body)


def test_a_key_may_be_given_once():
    with pytest.raises(MarkError, match="style is given twice"):
        parse_mark("style=melody STYLE=none")


@given(st.text(max_size=200))
def test_any_text_is_parsed_or_refused(body):
    try:
        settings, note = parse_mark(body)
    except MarkError:
        return
    assert all(isinstance(text, str) for text in (*settings, *settings.values(), note))


def test_long_blanks_take_no_time():
    assert parse_mark("a" + " " * 200_000 + "b") == ({}, "a b")


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("style", "Melody", "melody"),
        ("strength", "0.25", Fraction(1, 4)),
        ("strength", "1", Fraction(1)),
        ("seed", "42", 42),
        ("loudness", "-18.5 LUFS", Fraction(-37, 2)),
        ("gain", "+3dB", Fraction(3)),
        ("fade_in", "12f", Fraction(1, 2)),
        ("fade_out", "1.5s", Fraction(3, 2)),
        ("handles", "00:00:02:00", Fraction(2)),
        ("range", "MARK", "mark"),
        ("cue", " 1m1 ", "1m1"),
        ("cue", "タイトル", "タイトル"),
    ],
)
def test_values(key, text, value):
    assert value_of(key, text, FPS) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("style", "loud"),
        ("strength", "1.01"),
        ("strength", "-0.1"),
        ("strength", "nan"),
        ("strength", "1/0"),
        ("strength", "1e99999999"),
        ("seed", "-1"),
        ("seed", "1.5"),
        ("loudness", "5"),
        ("loudness", "inf"),
        ("gain", "1000"),
        ("fade_in", "-1"),
        ("fade_in", "1h"),
        ("fade_out", "00:00:99:00"),
        ("handles", "61"),
        ("handles", ""),
        ("range", "clip"),
        ("cue", "//"),
        ("cue", "x" * 41),
        ("maestro", ""),
        ("maestro", "a\x00b"),
    ],
)
def test_a_bad_value_names_the_values_there_are(key, text):
    with pytest.raises(MarkError) as caught:
        value_of(key, text, FPS)
    assert KEYS[key].allowed in caught.value.message


@given(key=st.sampled_from(sorted(KEYS)), text=st.text(max_size=40) | st.from_regex(r"[0-9:;.f]*"))
def test_any_value_is_read_or_refused(key, text):
    try:
        value = value_of(key, text, FPS)
    except MarkError:
        return
    assert not isinstance(value, float)


def test_an_unknown_key_names_the_keys_there_are():
    with pytest.raises(MarkError, match="unknown key 'stile'") as caught:
        value_of("stile", "melody", FPS)
    assert all(key in caught.value.message for key in KEYS)
    assert "style" in caught.value.hint


@given(rate=st.sampled_from(FRAME_RATES), frames=st.integers(0, 50), drop=st.booleans())
def test_a_duration_in_frames_or_timecode_keeps_its_frames(rate, frames, drop):
    assert value_of("fade_in", f"{frames}f", rate) * rate == frames
    timecode = format_timecode(frames, rate, drop and may_drop(rate))
    assert value_of("fade_in", timecode, rate) * rate == frames
    assert parse_duration(timecode, rate) == Fraction(frames) / rate
