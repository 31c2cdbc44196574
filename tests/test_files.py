"""Files are whole or absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from full_disk import largest_file

from otio_hpm import files
from otio_hpm.errors import OutputError


def test_text_is_written_as_it_is(tmp_path: Path) -> None:
    files.write_text(tmp_path / "a.json", "ä\n")
    assert (tmp_path / "a.json").read_bytes() == b"\xc3\xa4\n"
    assert os.listdir(tmp_path) == ["a.json"]


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    target = tmp_path / "a"
    files.write_bytes(target, b"first")
    with pytest.raises(OutputError, match="a exists already"):
        files.write_bytes(target, b"second")
    assert target.read_bytes() == b"first"
    files.write_bytes(target, b"second", overwrite=True)
    assert target.read_bytes() == b"second"


def test_a_dangling_link_counts_as_existing(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError):
        files.write_bytes(tmp_path / "a", b"x")
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "a"
    with pytest.raises(OutputError, match="exists"), files.writing(target) as file:
        file.write(b"ours")
        target.write_bytes(b"theirs")
    assert target.read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["a"]


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), files.writing(tmp_path / "a") as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    with largest_file(10_000), pytest.raises(OutputError, match=r"a cannot be written"):
        files.write_bytes(target, bytes(20_000), overwrite=True)
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    files.temporary_for(tmp_path / "a").write_bytes(b"half of another run")
    files.write_bytes(tmp_path / "a", b"whole")
    assert os.listdir(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"whole"


def test_two_runs_do_not_mix(tmp_path: Path) -> None:
    target = tmp_path / "a"
    with pytest.raises(OutputError, match="another run"), files.writing(target) as file:
        file.write(b"ours")
        files.temporary_for(target).unlink()
        files.temporary_for(target).write_bytes(b"theirs")
    assert not target.exists()


def test_folders_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file" / "a", tmp_path / "missing" / "a"):
        with pytest.raises(OutputError, match="cannot be written"):
            files.write_bytes(path, b"x")
    with pytest.raises(OutputError):
        files.make_folder(tmp_path / "file" / "folder")
    with pytest.raises(OutputError):
        files.check_room(tmp_path / "missing", 0)


def test_room_is_checked_before(tmp_path: Path) -> None:
    files.make_folder(tmp_path / "a" / "b")
    files.check_room(tmp_path / "a" / "b", 1)
    with pytest.raises(OutputError, match="MB are needed"):
        files.check_room(tmp_path, 1 << 62)
    assert os.listdir(tmp_path / "a" / "b") == []


def test_file_systems_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", no_links)
    files.write_bytes(tmp_path / "a", b"x")
    assert os.listdir(tmp_path) == ["a"]
    with pytest.raises(OutputError, match="exists"):
        files.publish(files.temporary_for(tmp_path / "a"), tmp_path / "a")
