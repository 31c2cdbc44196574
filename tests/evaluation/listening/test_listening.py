"""A listening test: what its page tells, which answers are taken, and what they come to."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from otio_hpm.errors import DatasetError, OutputError
from otio_hpm.evaluation.listening.answers import SCALES, Rating, read_key, read_ratings
from otio_hpm.evaluation.listening.opinion import opinions
from otio_hpm.evaluation.listening.page import Stimulus, write_listening_test

SYSTEMS, CLIPS = ("hpm", "silence", "truth"), ("dawn", "pursuit")


class Page(HTMLParser):
    """Media and buttons of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.media: list[bytes] = []
        self.names: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in ("audio", "video"):
            kind, content = (told["src"] or "").split(";base64,")
            assert kind == "data:audio/wav"
            self.media.append(base64.b64decode(content))
        if tag == "input":
            self.names.append(f"{told['name']}={told['value']}")


def stimuli(folder: Path) -> list[Stimulus]:
    """Six files that only differ in what they hold."""
    found = []
    for system in SYSTEMS:
        for clip in CLIPS:
            file = folder / f"{system}-{clip}.wav"
            file.write_bytes(f"RIFF {system} {clip}"[::-1].encode())
            found.append(Stimulus(system=system, clip=clip, file=file))
    return found


def answers(path: Path, **told: object) -> Path:
    path.write_text(json.dumps({"test": "T", "listener": path.stem, "answers": {}} | told))
    return path


def test_a_page_holds_every_clip_and_no_name(tmp_path: Path) -> None:
    made = write_listening_test(tmp_path / "p.html", tmp_path / "k.json", stimuli(tmp_path), "A<b>")
    text = (tmp_path / "p.html").read_text("utf-8")
    page = Page(text)
    behind = [f"RIFF {b.system} {b.clip}"[::-1].encode() for b in made.codes.values()]
    assert page.media == behind
    assert len(page.names) == 6 * len(SCALES) * 5
    assert "001/fit=5" in page.names
    assert not any(name in text for name in (*SYSTEMS, *CLIPS))
    assert "A&lt;b&gt;" in text and "A<b>" not in text
    assert not re.search(r"(src|href)=\"?https?:", text)
    assert read_key(tmp_path / "k.json") == made
    # Codes are in a drawn order: one system after the other would tell which belong together.
    assert [b.system for b in made.codes.values()] != sorted(b.system for b in made.codes.values())
    with pytest.raises(OutputError):
        write_listening_test(tmp_path / "p.html", tmp_path / "l.json", stimuli(tmp_path), "A")


def test_media_that_cannot_be_played_are_refused(tmp_path: Path) -> None:
    for name, message in (("a.aaf", "cannot be played"), ("none.wav", "cannot be read")):
        wrong = Stimulus(system="hpm", clip="dawn", file=tmp_path / name)
        with pytest.raises(DatasetError, match=message):
            write_listening_test(tmp_path / "p.html", tmp_path / "k.json", [wrong], "T")
    assert not list(tmp_path.glob("*.html"))


def test_answers_are_unblinded_and_others_are_refused(tmp_path: Path) -> None:
    key = write_listening_test(tmp_path / "p.html", tmp_path / "k.json", stimuli(tmp_path), "T")
    code = next(c for c, b in key.codes.items() if (b.system, b.clip) == ("hpm", "dawn"))
    good = answers(tmp_path / "ann", answers={code: {"fit": 4}})
    assert read_ratings(key, [good]) == [
        Rating(listener="ann", system="hpm", clip="dawn", scale="fit", score=4)
    ]
    wrong: list[dict[str, object]] = [
        {"test": "other"}, {"answers": {code: {"fit": 6}}}, {"answers": {code: {"fit": True}}},
        {"answers": {"999": {"fit": 3}}}, {"answers": {code: {"beauty": 3}}}, {"answers": [1]},
    ]  # fmt: skip
    for told in wrong:
        with pytest.raises(DatasetError, match="does not hold answers"):
            read_ratings(key, [answers(tmp_path / "bob", **told)])
    with pytest.raises(DatasetError, match="same listener"):
        read_ratings(key, [good, answers(tmp_path / "copy", listener="ann")])


def rating(listener: int, system: str, clip: int, score: int) -> Rating:
    return Rating(listener=str(listener), system=system, clip=str(clip), scale="fit", score=score)


def test_means_and_preference() -> None:
    scores = {"truth": [4, 4, 5, 3], "hpm": [5, 4, 2, 3]}
    given = [rating(0, name, n, s) for name, row in scores.items() for n, s in enumerate(row)]
    found = opinions(given, "fit", reference="truth")
    assert (found["truth"].mean, found["hpm"].mean) == (4.0, 3.5)
    assert found["hpm"].preferred == (1 + 2 / 2) / 4
    assert np.isnan(found["truth"].preferred)
    assert found["hpm"].low <= 3.5 <= found["hpm"].high
    assert opinions(given, "quality", reference="truth") == {}


def test_listeners_who_agree_with_themselves_do_not_count_as_many() -> None:
    # Four listeners, each of one mind about 25 clips: single answers would give a fifth the width.
    given = [rating(n, "hpm", clip, score) for n, score in enumerate((1, 2, 4, 5))
             for clip in range(25)]  # fmt: skip
    found = opinions(given, "fit", reference="truth")["hpm"]
    naive = 2 * 1.96 * np.std([1, 2, 4, 5]) / np.sqrt(100)
    assert found.high - found.low > 4 * naive
    assert found.ratings == 100
    same = [rating(n, "hpm", clip, 3) for n in range(4) for clip in range(5)]
    level = opinions(same, "fit", reference="truth")["hpm"]
    assert (level.low, level.mean, level.high) == (3.0, 3.0, 3.0)
