"""Files that are damaged or mean harm: refused with a reason, or read with the damage named."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.fcpxml.reading import read_fcpxml

ASSET = '<asset id="a" hasVideo="1" hasAudio="1" duration="9s" src="file:///a.mov"/>'
DAMAGED = (
    "OpenFCPXMLKit/SyncClipRoles2.fcpxml",
    "OpenFCPXMLKit/24.fcpxml",
    "OpenFCPXMLKit/MulticamMarkers.fcpxml",
    "OpenFCPXMLKit/TransitionMarkers2.fcpxml",
    "otio-fcpx-xml-adapter/fcpx_project.fcpxml",
)


def document(spine: str, resources: str = "", head: str = "") -> str:
    return (
        f'{head}<fcpxml version="1.11"><resources><format id="r1" frameDuration="1/24s"/>{ASSET}'
        f'{resources}</resources><project name="p"><sequence format="r1"><spine>{spine}</spine>'
        "</sequence></project></fcpxml>"
    )


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "t.fcpxml"
    path.write_text(text, encoding="utf-8")
    return path


def compound(number: int, *inside: int) -> str:
    spine = "".join(f'<ref-clip ref="m{one}" duration="1s"/>' for one in inside)
    return (
        f'<media id="m{number}" name="m{number}"><sequence format="r1" duration="1s"><spine>{spine}'
        "</spine></sequence></media>"
    )


ENTITIES = '<!DOCTYPE fcpxml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
CHAIN = "".join(compound(number, number + 1) for number in range(40))
BOMB = "".join(compound(number, *[number + 1] * 12) for number in range(12)) + compound(12)
FIRST = '<ref-clip ref="m0" duration="1s"/>'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("hello", "not well-formed"),
        ("<xmeml/>", "is no FCPXML"),
        ('<fcpxml version="1.11"><resources/>', "not well-formed"),
        ('<fcpxml version="1.11"><library><event/></library></fcpxml>', "holds no timeline"),
        (document('<gap name="&b;" duration="1s"/>', head=ENTITIES), "declares XML entities"),
        (document("<gap>" * 300 + "</gap>" * 300), "not well-formed"),
        (
            document('<clip duration="1s">' * 90 + "</clip>" * 90),
            "is nested more than 60 clips deep",
        ),
        (
            document('<spine lane="1">' * 90 + "</spine>" * 90),
            "is nested more than 60 clips deep: <spine> on line 1",
        ),
        (document(FIRST, compound(0, 1) + compound(1, 0)), "compound clip 'm0' holds itself"),
        (document(FIRST, CHAIN), "inside more than 16 compound clips"),
        (document(FIRST, BOMB), "unfold into too much"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = write(tmp_path, text)
    start = time.process_time()
    with pytest.raises(TimelineError, match=re.escape(reason)):
        read_fcpxml(path)
    assert time.process_time() - start < 10


def test_entities_in_other_encodings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.fcpxml"
    path.write_bytes(document("", head=ENTITIES).encode("utf-16"))
    with pytest.raises(TimelineError, match="declares XML entities"):
        read_fcpxml(path)


def test_a_file_elsewhere_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.dtd"
    secret.write_text("<!ELEMENT broken")
    head = f'<!DOCTYPE fcpxml SYSTEM "{secret.as_uri()}">'
    found = read_fcpxml(write(tmp_path, document('<gap duration="1s"/>', head=head)))
    assert len(found.sequences) == 1


@pytest.mark.parametrize(
    "number", ["9" * 4000, "9" * 30 + "/7", "1/0", "-5", "1e400", "nan", "1/99999999999999"]
)
@pytest.mark.parametrize("key", ["offset", "start", "duration"])
def test_times_beyond_reason_lose_only_their_element(tmp_path: Path, key: str, number: str) -> None:
    damaged = f'<asset-clip ref="a" name="x" {key}="{number}s"/>'
    found = read_fcpxml(
        write(tmp_path, document(f'{damaged}<asset-clip ref="a" name="y" duration="2s"/>'))
    )
    names = [item.name for item in found.sequences[0].timeline.tracks[0]]
    assert names[-1] == "y"
    found.sequences[0].timeline.to_json_string()


def test_a_frame_duration_beyond_reason_is_no_rate(tmp_path: Path) -> None:
    text = document('<gap duration="1s"/>').replace("1/24s", "1/2147483647s")
    found = read_fcpxml(write(tmp_path, text))
    assert found.sequences[0].rate is None
    assert "states no frame rate" in found.warnings[0]


def test_fractions_without_end_stay_small(tmp_path: Path) -> None:
    spine = "".join(f'<gap duration="1/{2**31 - 1 - 2 * one}s"/>' for one in range(500))
    found = read_fcpxml(write(tmp_path, document(spine)))
    assert len(found.sequences[0].timeline.tracks[0]) == 500


@pytest.mark.parametrize("name", DAMAGED)
def test_random_damage(name: str, fixture: Callable[[str], Path], tmp_path: Path) -> None:
    whole = fixture(name).read_bytes()
    chance = random.Random(name)
    read = 0
    for _ in range(12):
        path = tmp_path / "t.fcpxml"
        path.write_bytes(damaged(whole, chance))
        start = time.process_time()
        try:
            for sequence in read_fcpxml(path).sequences:
                sequence.timeline.to_json_string()
                read += 1
        except TimelineError as error:
            assert error.message
        assert time.process_time() - start < 5
    assert read > 0


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Two numbers changed, an attribute or a tag lost, and sometimes a byte."""
    for _ in range(2):
        data = replaced(data, rb"\d+", chance.choice([b"0", b"-1", b"7919", b"9" * 25]), chance)
    data = replaced(data, rb' (start|offset|duration|lane|ref|format)="[^"]*"', b"", chance)
    data = replaced(data, rb"(?<=<)(asset-clip|video|title|gap)(?= [^>]*/>)", b"audition", chance)
    return replaced(data, rb"[a-z]", b"<", chance) if chance.random() < 0.2 else data


def replaced(data: bytes, pattern: bytes, new: bytes, chance: random.Random) -> bytes:
    found = list(re.finditer(pattern, data))
    if not found:
        return data
    one = chance.choice(found)
    return data[: one.start()] + new + data[one.end() :]
