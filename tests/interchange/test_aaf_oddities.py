"""AAF made by hand: what is odd in it is told, and what is none is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import aaf2
import pytest

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.aaf import reading
from otio_hpm.interchange.aaf.faults import is_fault, said
from otio_hpm.interchange.aaf.mobs import operation_of, usage_of
from otio_hpm.interchange.aaf.reading import read_aaf
from otio_hpm.interchange.aaf.retimes import VIDEO_REPEAT


def made(path: Path, fill: Callable[[Any, Any], None]) -> Path:
    with aaf2.open(str(path), "w") as file:
        mob = file.create.CompositionMob("made")
        mob.usage = "Usage_TopLevel"
        file.content.mobs.append(mob)
        slot = mob.create_picture_slot(25)
        slot.segment.components.append(file.create.Filler("picture", 100))
        slot.segment.length = 100
        fill(file, mob)
    return path


def test_a_marker_that_describes_no_slot_is_the_timelines(tmp_path: Path) -> None:
    def fill(file: Any, mob: Any) -> None:
        slot = file.create.EventMobSlot()
        slot.slot_id = 1001
        slot["EditRate"].value = 25
        sequence = file.create.Sequence("DescriptiveMetadata")
        marker = file.create.DescriptiveMarker()
        marker["Position"].value = 30
        marker["Comment"].value = "SCORE she leaves"
        sequence.components.append(marker)
        slot.segment = sequence
        mob.slots.append(slot)

    found = read_aaf(made(tmp_path / "resolve.aaf", fill))
    (marker,) = found.sequences[0].timeline.tracks.markers
    assert (marker.name, marker.marked_range.start_time.value) == ("SCORE she leaves", 30)


def test_a_sequence_that_holds_itself_is_told_and_ends(tmp_path: Path) -> None:
    def fill(file: Any, mob: Any) -> None:
        clip = file.create.SourceClip(0, 50, mob.mob_id, 1, "picture")
        sequence = mob.slots[0].segment
        sequence.components.append(clip)
        sequence.length = 150

    found = read_aaf(made(tmp_path / "loop.aaf", fill))
    assert any("holds itself" in warning for warning in found.warnings)
    assert found.sequences[0].timeline.duration().value == 150


def test_an_unknown_segment_loses_itself_alone(tmp_path: Path) -> None:
    def fill(file: Any, mob: Any) -> None:
        sequence = mob.slots[0].segment
        edge = file.create.EdgeCode()
        edge.media_kind = "picture"
        edge.length = 25
        for name, value in (("Start", 0), ("FilmKind", "Ft35MM"), ("CodeFormat", "EtNull")):
            edge[name].value = value
        sequence.components.append(edge)
        sequence.length = 125

    found = read_aaf(made(tmp_path / "edge.aaf", fill))
    assert any("EdgeCode is not understood" in warning for warning in found.warnings)
    assert [item.duration().value for item in found.sequences[0].timeline.tracks[0]] == [100, 25]


def test_a_frame_that_is_repeated_stands_still(tmp_path: Path) -> None:
    def fill(file: Any, mob: Any) -> None:
        repeat = file.create.OperationDef(UUID(VIDEO_REPEAT), "Repeat Control", "")
        repeat.media_kind = "picture"
        repeat["IsTimeWarp"].value = True
        repeat["NumberInputs"].value = 1
        file.dictionary.register_def(repeat)
        master = file.create.MasterMob("still")
        master.create_picture_slot(25)
        file.content.mobs.append(master)
        group = file.create.OperationGroup(repeat, 50)
        group.media_kind = "picture"
        group.segments.append(file.create.SourceClip(0, 1, master.mob_id, 1, "picture"))
        sequence = mob.slots[0].segment
        sequence.components.append(group)
        sequence.length = 150

    found = read_aaf(made(tmp_path / "still.aaf", fill))
    clip = found.sequences[0].timeline.tracks[0][1]
    assert (clip.duration().value, [e.time_scalar for e in clip.effects]) == (50, [0])
    assert found.warnings == ()


class Old(dict[str, Any]):
    """An object of an AAF from before 1.1, as far as it is asked here."""

    usage = "kAAFUsage_TopLevel"

    def getvalue(self, name: str) -> Any:
        return self.get(name)


def test_files_before_aaf_1_1_have_other_names() -> None:
    assert operation_of(Old(OperationDefinition="a dissolve")) == "a dissolve"
    assert usage_of(Old()) == "Usage_TopLevel"
    with pytest.raises(ValueError, match="without a definition"):
        operation_of(Old())


def raised(fail: Callable[[], Any]) -> Exception:
    with pytest.raises(Exception) as caught:
        fail()
    return caught.value


def test_faults_of_the_reader_are_told_from_damage(tmp_path: Path) -> None:
    (tmp_path / "cut.aaf").write_bytes(b"nothing")
    damage = raised(lambda: aaf2.open(str(tmp_path / "cut.aaf")))
    refused = raised(lambda: operation_of(Old()))
    fault = raised(lambda: operation_of(None))
    assert [is_fault(error) for error in (damage, refused, fault)] == [False, False, True]
    assert said(fault).startswith("a fault of this reader: AttributeError")
    assert said(refused) == "an effect without a definition"


def test_a_fault_of_the_reader_is_no_word_on_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path / "cut.aaf", lambda file, mob: None)
    told = {"fault": "NameError: nothing is called so"}
    monkeypatch.setattr(reading, "_transcribed", lambda path, cpu_s: told)
    with pytest.raises(RuntimeError, match=r"the reader of AAF failed on cut\.aaf"):
        read_aaf(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<xmeml/>", "not a compound file"),
        (bytes.fromhex("d0cf11e0a1b11ae1"), "header is damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096), "header is damaged"),
    ],
)
def test_what_is_no_aaf_is_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "cut.aaf"
    path.write_bytes(content)
    with pytest.raises(TimelineError, match=reason) as error:
        read_aaf(path)
    assert "cut.aaf" in error.value.message


def test_a_folder_and_nothing_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.aaf"):
        with pytest.raises(TimelineError, match="cannot be read"):
            read_aaf(path)


def test_a_file_without_sequences_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bin.aaf"
    with aaf2.open(str(path), "w"):
        pass
    with pytest.raises(TimelineError, match="holds no sequence"):
        read_aaf(path)


def test_large_files_have_several_times_the_time_that_reading_takes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A cut of 1250 clips has 4 MB, and takes 4 s of CPU where little else is done."""
    given: list[int] = []

    def told(path: Path, cpu_s: int) -> dict[str, Any]:
        given.append(cpu_s)
        return {"sequences": [], "dialect": "avid", "warnings": []}

    monkeypatch.setattr(reading, "_transcribed", told)
    for size in (200_000, 1_800_000, 4_000_000, 10**9):
        monkeypatch.setattr(reading, "_check_form", lambda path, size=size: size)
        reading.read_aaf(tmp_path / "a.aaf")
    assert given == [3, 4, 13, 600]
