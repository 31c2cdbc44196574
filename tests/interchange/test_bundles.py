"""Bundles: written whole, read by OpenTimelineIO's own adapters, and never trusted."""

from __future__ import annotations

import io
import json
import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from scored_timelines import BESIDE, scored

from otio_hpm.errors import OutputError, TimelineError
from otio_hpm.interchange import bundle_writing
from otio_hpm.interchange.bundle_writing import write_bundle
from otio_hpm.interchange.bundles import content_of
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.reading import read_cut

SUFFIXES = (".otioz", ".otiod")
TAKES = tuple(f"R1_{number}_t{take:02d}.wav" for number in ("1m1", "1m2") for take in (1, 2))
SMALLEST = json.dumps({"OTIO_SCHEMA": "Timeline.1", "metadata": {}, "name": "x", "tracks": None})


@pytest.fixture
def cut(tmp_path: Path) -> Cut:
    """A scored cut; the first shot's movie is there, the second's is not."""
    path = scored(tmp_path / "a film", takes=2)
    (path.parent / "a.mov").write_bytes(b"the movie a")
    return read_cut(path, Settings())


def bundled(cut: Cut, path: Path, *, dialect: str = "plain", **options: Any) -> tuple[str, ...]:
    delivery = Delivery(path=path, rate=cut.rate, start_frames=cut.start_frames, drop_frame=False)
    versions = cut.schema_versions
    return write_bundle(cut.timeline, delivery, dialect, versions, cut.path.parent, **options)


def files_of(bundle: Path) -> dict[str, bytes]:
    """Every file in a bundle, by the standard library."""
    if bundle.is_dir():
        files = (path for path in bundle.rglob("*") if path.is_file())
        return {path.relative_to(bundle).as_posix(): path.read_bytes() for path in files}
    with zipfile.ZipFile(bundle) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def referred(content: bytes) -> list[str]:
    """Every media URL of a timeline, by plain JSON."""
    found: list[str] = []
    waiting: list[Any] = [json.loads(content)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            found += [node["target_url"]] if "target_url" in node else []
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return found


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_bundle_holds_all_takes_with_what_lies_beside_them_and_media_that_are_here(
    cut: Cut, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"out{suffix}"
    losses = bundled(cut, path)
    found = files_of(path)
    beside = [take.removesuffix(".wav") + one for take in TAKES for one in BESIDE]
    names = {f"media/{name}" for name in (*TAKES, *beside, "a.mov")}
    assert set(found) == {"content.otio", "version.txt", *names}
    assert found["version.txt"] == b"1.0.0"
    assert found["media/a.mov"] == b"the movie a"
    for name in (*TAKES, *beside):
        assert found[f"media/{name}"] == (cut.path.parent / "out_audio" / name).read_bytes()
    inside = [f"media/{name}" for name in (*TAKES, "a.mov")]
    assert sorted(referred(found["content.otio"])) == sorted([*inside, "b.mov"])
    assert losses == ("media that are not here stay outside: b.mov",)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_opentimelineio_reads_it(cut: Cut, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    bundled(cut, path)
    again = otio.adapters.read_from_file(str(path))
    assert [clip.name for clip in again.find_clips()] == [
        clip.name for clip in cut.timeline.find_clips()
    ]
    ours = [clip for clip in again.find_clips() if "otio_hpm" in clip.metadata]
    assert [clip.metadata["otio_hpm"]["sidecar"] for clip in ours] == [
        "media/R1_1m1_t02.json",
        "media/R1_1m2_t02.json",
    ]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_it_comes_back_with_its_media(cut: Cut, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    bundled(cut, path)
    content = content_of(path)
    assert json.loads(content.read_bytes())["name"] == "Film"
    for name in TAKES:
        there = content.parent / "media" / name
        assert there.read_bytes() == (cut.path.parent / "out_audio" / name).read_bytes()
    assert content_of(path) == content


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_opentimelineios_own_bundles_are_read(cut: Cut, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"theirs{suffix}"
    otio.adapters.write_to_file(cut.timeline, str(path), media_policy="MissingIfNotFile")
    content = content_of(path)
    assert (content.parent / "media" / TAKES[1]).is_file()


def test_the_same_timeline_gives_the_same_bytes(cut: Cut, tmp_path: Path) -> None:
    for name in ("one.otioz", "two.otioz"):
        bundled(cut, tmp_path / name)
    assert (tmp_path / "one.otioz").read_bytes() == (tmp_path / "two.otioz").read_bytes()


def test_two_files_of_one_name_are_both_there(cut: Cut, tmp_path: Path) -> None:
    other = cut.path.parent / "card 2"
    other.mkdir()
    (other / "A.mov").write_bytes(b"another movie")
    cut.timeline.tracks[0][1].media_reference.target_url = "card 2/A.mov"
    bundled(cut, tmp_path / "out.otiod")
    found = files_of(tmp_path / "out.otiod")
    assert {found["media/a.mov"], found["media/A-2.mov"]} == {b"the movie a", b"another movie"}
    assert {"media/a.mov", "media/A-2.mov"} < set(referred(found["content.otio"]))


def test_odd_names_are_encoded_as_urls_are(cut: Cut, tmp_path: Path) -> None:
    (cut.path.parent / "100% #1?.mov").write_bytes(b"odd")
    cut.timeline.tracks[0][1].media_reference.target_url = "100%25%20%231%3F.mov"
    bundled(cut, tmp_path / "out.otiod")
    found = files_of(tmp_path / "out.otiod")
    assert found["media/100% #1?.mov"] == b"odd"
    assert "media/100%25%20%231%3F.mov" in referred(found["content.otio"])


def test_an_image_sequence_stays_where_it_is(cut: Cut, tmp_path: Path) -> None:
    images = cut.path.parent / "images"
    images.mkdir()
    sequence = otio.schema.ImageSequenceReference(
        target_url_base="images/", name_prefix="f", name_suffix=".png", rate=24
    )
    cut.timeline.tracks[0][1].media_reference = sequence
    losses = bundled(cut, tmp_path / "out.otiod")
    content = json.loads(files_of(tmp_path / "out.otiod")["content.otio"])
    shot = content["tracks"]["children"][0]["children"][1]
    told = shot["media_references"]["DEFAULT_MEDIA"]["target_url_base"]
    assert told == f"{images.absolute().as_uri()}/"
    assert losses == ("1 image sequences stay outside, where they are",)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_bundle_that_exists_is_kept_unless_asked(cut: Cut, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    bundled(cut, path)
    before = files_of(path)
    (cut.path.parent / "a.mov").write_bytes(b"a later movie")
    with pytest.raises(OutputError, match="exists already"):
        bundled(cut, path)
    assert files_of(path) == before
    bundled(cut, path, overwrite=True)
    assert files_of(path) == {**before, "media/a.mov": b"a later movie"}
    assert sorted(os.listdir(tmp_path)) == ["a film", path.name]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("there", [False, True])
def test_what_fails_in_the_middle_leaves_nothing_behind(
    cut: Cut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, there: bool
) -> None:
    path = tmp_path / f"out{suffix}"
    if there:
        bundled(cut, path)
    before = files_of(path) if there else None
    real, copied = bundle_writing.shutil.copyfileobj, iter(range(99))

    def fail(*arguments: Any) -> None:
        if next(copied) == 3:
            raise OSError(28, "No space left on device")
        real(*arguments)

    monkeypatch.setattr(bundle_writing.shutil, "copyfileobj", fail)
    with pytest.raises(OutputError, match="No space left"):
        bundled(cut, path, overwrite=True)
    assert sorted(os.listdir(tmp_path)) == sorted(["a film", *([path.name] if there else [])])
    assert before is None or files_of(path) == before


def test_without_room_nothing_is_written(
    cut: Cut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def none_left(folder: Path, needed: int) -> None:
        sizes.append(needed)
        raise OutputError("no room")

    monkeypatch.setattr(bundle_writing, "check_room", none_left)
    with pytest.raises(OutputError, match="no room"):
        bundled(cut, tmp_path / "out.otioz")
    assert sizes[0] > 4 * 600  # four takes of 600 bytes
    assert os.listdir(tmp_path) == ["a film"]


@pytest.mark.parametrize("dialect", ["resolve", "kdenlive"])
def test_a_bundle_speaks_a_dialect(cut: Cut, tmp_path: Path, dialect: str) -> None:
    bundled(cut, tmp_path / "out.otiod", dialect=dialect)
    content = files_of(tmp_path / "out.otiod")["content.otio"]
    assert (b'"Resolve_OTIO"' in content) is (dialect == "resolve")
    assert "media/R1_1m1_t02.wav" in referred(content)


def zipped(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries:
            file.writestr(name, content)
    return path


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


CONTENT = ("content.otio", SMALLEST)


@pytest.mark.parametrize(
    "name",
    ["../out.txt", "media/../../out.txt", "/etc/out.txt", "C:/out.txt", "media\\..\\..\\out.txt"],
)
def test_a_name_that_leads_out_of_a_zip_file_is_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "x.otioz", CONTENT, (name, b"!"))
    with pytest.raises(TimelineError, match="leads out of it"):
        content_of(path)
    assert os.listdir(tmp_path) == ["x.otioz"]


def test_a_link_in_a_zip_file_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.otioz", CONTENT, (link("media/a.mov"), "/etc/passwd"))
    with pytest.raises(TimelineError, match="is a link"):
        content_of(path)


def test_a_zip_file_that_grows_out_of_all_proportion_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.otioz", CONTENT, ("media/a.wav", bytes(80 << 20)))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(TimelineError, match="100 times as large"):
        content_of(path)


def test_a_zip_file_that_lies_about_a_size_unpacks_no_more_than_it_says(tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(*CONTENT)
        file.writestr("media/a.wav", bytes(1 << 20))
    size = (1 << 20).to_bytes(4, "little")
    (tmp_path / "x.otioz").write_bytes(data.getvalue().replace(size, (9).to_bytes(4, "little")))
    with pytest.raises(TimelineError):
        content_of(tmp_path / "x.otioz")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a zip file"),
        (b"PK\3\4 and no more", "not a zip file"),
        (b"\0" * 1000, "not a zip file"),
    ],
)
def test_what_is_no_zip_file_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "x.otioz").write_bytes(content)
    with pytest.raises(TimelineError, match=words):
        content_of(tmp_path / "x.otioz")


def test_a_zip_file_without_a_timeline_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.otioz", ("media/a.mov", b"!"))
    with pytest.raises(TimelineError, match=r"no content\.otio"):
        content_of(path)


def test_damage_is_an_error_that_is_told(cut: Cut, tmp_path: Path) -> None:
    bundled(cut, tmp_path / "whole.otioz")
    data = (tmp_path / "whole.otioz").read_bytes()
    refused = 0
    for index in range(60):
        at = index * len(data) // 60
        damaged = data[:at] + bytes(byte ^ 0x5A for byte in data[at : at + 3]) + data[at + 3 :]
        path = tmp_path / f"{index}.otioz"
        path.write_bytes(damaged)
        try:
            content_of(path)
        except TimelineError:
            refused += 1
    assert refused > 20


def test_a_folder_without_a_timeline_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.otiod").mkdir()
    with pytest.raises(TimelineError, match=r"no content\.otio"):
        content_of(tmp_path / "x.otiod")


@pytest.mark.parametrize(
    ("target", "refused"), [("../secret.wav", True), ("/etc", True), ("media/b.wav", False)]
)
def test_a_link_in_a_folder_may_not_lead_out_of_it(
    tmp_path: Path, target: str, refused: bool
) -> None:
    (tmp_path / "secret.wav").write_bytes(b"secret")
    bundle = tmp_path / "x.otiod"
    (bundle / "media").mkdir(parents=True)
    (bundle / "content.otio").write_text(SMALLEST)
    (bundle / "media" / "b.wav").write_bytes(b"b")
    (bundle / "a.wav").symlink_to(target)
    if refused:
        with pytest.raises(TimelineError, match="link that leads out"):
            content_of(bundle)
    else:
        assert content_of(bundle) == bundle / "content.otio"


def test_a_timeline_in_a_bundle_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "private.otio").write_text(SMALLEST)
    bundle = tmp_path / "x.otiod"
    bundle.mkdir()
    (bundle / "content.otio").symlink_to("../private.otio")
    with pytest.raises(TimelineError, match="link that leads out"):
        content_of(bundle)


def test_what_was_unpacked_is_removed_when_the_process_ends(cut: Cut, tmp_path: Path) -> None:
    import subprocess
    import sys

    path = tmp_path / "out.otioz"
    bundled(cut, path)
    code = (
        "from pathlib import Path\nfrom otio_hpm.interchange.bundles import content_of\n"
        f"print(content_of(Path({str(path)!r})), content_of(Path({str(path)!r})).is_file())"
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert done.stdout.strip().endswith(" True") and str(temporary) in done.stdout
    assert os.listdir(temporary) == []
