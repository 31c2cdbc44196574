"""Damaged and hostile Final Cut Pro 7 XML: refused in a sentence, or read, in bounded time."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from xmeml import clip, read, sequence, track

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.interchange.fcp7 import read_fcp7, write_fcp7

Find = Callable[[str], Path]
SMALL = [
    "hiero_xml_export.xml",
    "premiere_enable_property.xml",
    "premiere_example.xml",
    "premiere_generators.xml",
]
COUNTED = [
    b"start", b"end", b"in", b"out", b"timebase", b"frame", b"duration", b"value", b"when",
    b"cutPointTicks", b"ntsc", b"trackindex",
]  # fmt: skip
NUMBERS = [b"-1", b"0", b"1e9", b"99999999999999999999", b"0.5", b"-7", b"NaN", b"", b"x"]
LIMIT_S = 5


def damaged(data: bytes, random: random.Random) -> bytes:
    """One of: bytes flipped, lines dropped, doubled or moved, numbers changed, cut short."""
    way = random.randrange(5)
    lines = data.splitlines(keepends=True)
    if way == 0:
        changed = bytearray(data)
        for _ in range(random.randint(1, 8)):
            changed[random.randrange(len(changed))] = random.randrange(256)
        return bytes(changed)
    if way == 1:
        at = random.randrange(len(lines))
        return b"".join(lines[:at] + lines[at + random.randint(1, 3) :])
    if way == 2:
        at, to = random.randrange(len(lines)), random.randrange(len(lines))
        return b"".join(lines[:to] + lines[at : at + random.randint(1, 60)] + lines[to:])
    if way == 3:
        tag = random.choice(COUNTED)
        pattern = re.compile(rb"(<" + tag + rb">)[^<]*")
        chance = random.random()
        return pattern.sub(
            lambda m: m[1] + random.choice(NUMBERS) if random.random() < chance else m[0], data
        )
    return data[: random.randrange(len(data))]


@pytest.mark.parametrize("seed", range(60))
def test_damage_is_told_or_survived(fixture: Find, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = fixture(f"otio-fcp-adapter/{chance.choice(SMALL)}").read_bytes()
    for _ in range(chance.randint(1, 3)):
        data = damaged(data, chance) or b" "
    path = tmp_path / "damaged.xml"
    path.write_bytes(data)
    started = time.process_time()
    try:
        found = read_fcp7(path)
    except TimelineError as error:
        assert error.message
    else:
        for one in found.sequences:
            assert one.rate is not None
            delivery = Delivery(
                path=tmp_path / "again.xml", rate=one.rate[0], start_frames=0, drop_frame=False
            )
            write_fcp7(one.timeline, delivery)
    assert time.process_time() - started < LIMIT_S


def refused(folder: Path, content: bytes) -> str:
    path = folder / "in.xml"
    path.write_bytes(content)
    started = time.process_time()
    with pytest.raises(TimelineError) as error:
        read_fcp7(path)
    assert time.process_time() - started < LIMIT_S
    return error.value.message


def test_entities_are_refused(tmp_path: Path) -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE xmeml [<!ENTITY e0 "ha">{levels}]><xmeml version="4">&e11;</xmeml>'
    assert "entities" in refused(tmp_path, bomb.encode())
    outside = '<!DOCTYPE xmeml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xmeml>&f;</xmeml>'
    assert "entities" in refused(tmp_path, outside.encode())


@pytest.mark.parametrize(
    "content", [b"", b"\0\1\2", b"not xml", b"<xmeml", b"<fcpxml/>", b"<a>" * 10**6, b"\xff\xfe<"]
)
def test_what_is_no_xmeml_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "in.xml" in refused(tmp_path, content)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.xml"):
        with pytest.raises(TimelineError):
            read_fcp7(path)


def test_sequences_that_double_at_each_level_are_bounded(tmp_path: Path) -> None:
    """2^40 clips in forty lines."""
    levels = []
    for level in range(40):
        inside = f'<sequence id="s{level + 1}"/>'
        twice = track(clip(0, 9, 0, 9, inside), clip(9, 18, 0, 9, inside))
        levels.append(sequence(twice, name=f"s{level}"))
    started = time.process_time()
    found = read(tmp_path, levels[0] + f"<bin><children>{''.join(levels[1:])}</children></bin>")
    assert time.process_time() - started < LIMIT_S
    assert any("more than 10000 nested clips" in warning for warning in found.warnings)


def test_sequences_that_hold_each_other(tmp_path: Path) -> None:
    one = sequence(track(clip(0, 9, 0, 9, '<sequence id="two"/>')), name="one")
    two = sequence(track(clip(0, 9, 0, 9, '<sequence id="one"/>')), name="two")
    found = read(tmp_path, one + "\n" + two)
    assert len(found.sequences) == 2
    assert sum("holds itself" in warning for warning in found.warnings) == 2


def test_many_clips_in_little_time(tmp_path: Path) -> None:
    clips = "".join(clip(9 * n, 9 * n + 9, n, n + 9, "", name=str(n)) for n in range(3000))
    started = time.process_time()
    found = read(tmp_path, sequence(track(clips), audio=track(clips)))
    assert time.process_time() - started < LIMIT_S
    assert [len(one) for one in found.sequences[0].timeline.tracks] == [3000, 3000]
    assert len(found.warnings) <= 201
