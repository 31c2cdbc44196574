"""Clips written into shards come back as they were, and only those that the index means."""

from __future__ import annotations

import json
import subprocess
import tarfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from otio_hpm.dataset.clip import SPLITS, ClipEntry, Dropped, Facts
from otio_hpm.dataset.index import FORMAT, INDEX, SUMMARY, checksum_of
from otio_hpm.dataset.picture_codec import decode_picture, encode_picture, stored_size
from otio_hpm.dataset.reader import Dataset
from otio_hpm.dataset.sound_codec import encode_sound
from otio_hpm.dataset.writer import Writer
from otio_hpm.errors import DatasetError, OutputError

SOUND = np.sin(np.arange(480_000) * 0.05).astype(np.float32) * 0.5
FACTS = Facts(film="Żółw & <Sons>", composer="A. B.", title="Main", genres=("drama", "sport"))


def picture(seed: int, size: tuple[int, int] = (32, 24), count: int = 300) -> np.ndarray:
    """Soft moving shapes, as films are, rather than noise."""
    x, y, t = np.meshgrid(np.arange(size[0]), np.arange(size[1]), np.arange(count), indexing="ij")
    wave = np.stack([np.sin((x + seed * t) / (40 + 9 * c) + y / 30) for c in range(3)], -1)
    return np.uint8(127 + 100 * wave).transpose(2, 1, 0, 3)


PICTURE = encode_picture(picture(1))


def entry(number: int, split: str = "train") -> ClipEntry:
    return ClipEntry(
        number=number, split=split, facts=FACTS, source="a.mov", start_s=Fraction(10, 3),
        samples=480_000, frames=300, likeness="00", shard="", members={},
    )  # fmt: skip


def finish(folder: Path) -> None:
    told = {"format": FORMAT, "index_sha256": checksum_of(folder / INDEX)}
    (folder / SUMMARY).write_text(json.dumps(told))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five clips in shards so small that two fill one, one dropped among them."""
    folder = tmp_path_factory.mktemp("made")
    write(folder, range(6))
    finish(folder)
    return folder


def write(folder: Path, numbers: range, *, close: bool = True) -> None:
    sound = encode_sound(SOUND)
    with Writer(folder, shard_bytes=5 * len(sound) // 2 + 3 * len(PICTURE)) as writer:
        assert writer.count == numbers.start
        fill(writer, numbers, sound)
        if close:
            writer.finish()


def fill(writer: Writer, numbers: range, sound: bytes) -> None:
    for number in numbers:
        if number == 2:
            writer.drop(
                Dropped(number=2, reason="silence", detail="no sound", film="x", source="a.mov",
                        start_s=Fraction(0), duration_s=Fraction(10))
            )  # fmt: skip
        else:
            writer.keep(entry(number, "test" if number == 4 else "train"), sound, PICTURE)


def test_a_clip_comes_back_with_its_facts(made: Path) -> None:
    dataset = Dataset.open(made)
    assert [clip.key for clip in dataset] == [f"{n:09d}" for n in (0, 1, 3, 4, 5)]
    clip = dataset[2]
    assert clip.facts == FACTS
    assert np.abs(clip.sound() - SOUND).max() <= 1 / 32768
    assert clip.frames().shape == (103, 36, 64, 3)
    assert len(clip.frames(count=None)) == 100
    assert np.array_equal(clip.frames()[100:], clip.frames()[[99] * 3])
    assert [len(Dataset.open(made, split)) for split in SPLITS] == [4, 0, 1]
    assert [clip.key for clip in dataset[1:3]] == ["000000001", "000000003"]


def test_sound_is_as_long_and_as_fast_as_asked(made: Path) -> None:
    clip = Dataset.open(made)[0]
    sound = clip.sound(16_000, 163_840)
    assert sound.dtype == np.float32
    assert len(sound) == 163_840
    assert np.allclose(sound[160_000:160_100], sound[159_998:159_898:-1])
    tone = np.abs(np.fft.rfft(sound[:160_000])).argmax() / 10
    assert tone == pytest.approx(0.05 * 48_000 / (2 * np.pi), abs=0.1)
    assert len(clip.sound(samples=1000)) == 1000


def test_picture_is_kept_closely() -> None:
    frames = picture(2, (160, 90), 300)
    stored = encode_picture(frames)
    back = decode_picture(stored, None, 30)
    assert np.abs(back.astype(int) - frames).mean() < 2
    small = decode_picture(stored, (64, 36), 30).astype(int)
    assert np.abs(small.mean((1, 2)) - frames.mean((1, 2))).max() < 3


def test_pictures_are_kept_in_their_shape() -> None:
    assert stored_size(1920, 1080) == (426, 240)
    assert stored_size(1080, 1920) == (240, 426)
    assert stored_size(16, 16) == (240, 240)
    assert max(stored_size(100_000, 10)) <= 4 * 240


def test_other_programs_read_the_shards(made: Path) -> None:
    with tarfile.open(made / "train-00000.tar") as archive:
        assert archive.getnames() == [
            f"{n:09d}.{ending}" for n in (0, 1) for ending in ("json", "flac", "mp4")
        ]
        told = json.load(archive.extractfile("000000001.json"))
    assert told["facts"]["film"] == FACTS.film
    assert told["split"] == "train"
    assert sorted(p.name for p in made.glob("*.tar")) == [
        "test-00000.tar", "train-00000.tar", "train-00001.tar"
    ]  # fmt: skip
    listed = subprocess.run(
        ["tar", "tf", made / "train-00001.tar"], capture_output=True, text=True, check=True
    )
    assert len(listed.stdout.split()) == 6


@pytest.mark.parametrize("done", range(7))
@pytest.mark.parametrize("torn", [0, 7])
def test_a_killed_writer_goes_on_to_the_same_bytes(
    made: Path, tmp_path: Path, done: int, torn: int
) -> None:
    """Killed after any clip; also with half a clip in the shard and half a line in the index."""
    write(tmp_path, range(done), close=False)
    if torn and done:
        for path in (sorted(tmp_path.glob("train*"))[-1], tmp_path / INDEX):
            path.write_bytes(path.read_bytes() + b"{" * torn)
    write(tmp_path, range(done, 6))
    finish(tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        p.name: p.read_bytes() for p in made.iterdir()
    }


def test_clips_that_were_lost_with_the_power_are_made_again(made: Path, tmp_path: Path) -> None:
    write(tmp_path, range(6))
    shard = tmp_path / "train-00000.tar"
    shard.write_bytes(shard.read_bytes()[:1000])
    write(tmp_path, range(0, 6))
    assert shard.read_bytes() == (made / "train-00000.tar").read_bytes()


def test_two_builds_do_not_write_one_folder(tmp_path: Path) -> None:
    with Writer(tmp_path, 1 << 20), pytest.raises(OutputError, match="by another build"):
        Writer(tmp_path, 1 << 20)
    with Writer(tmp_path, 1 << 20) as writer:
        assert writer.count == 0


def test_a_shard_that_is_not_as_the_index_says_is_refused(made: Path, tmp_path: Path) -> None:
    write(tmp_path, range(1))
    finish(tmp_path)
    clip = Dataset.open(tmp_path)[0]
    shard = tmp_path / "train-00000.tar"
    data = bytearray(shard.read_bytes())
    data[clip.entry.members["flac"].offset + 50] ^= 1
    shard.write_bytes(data)
    with pytest.raises(DatasetError, match=r"000000000\.flac is not what the index says"):
        clip.sound()
    assert clip.frames().shape[0] == 103
    shard.unlink()
    with pytest.raises(DatasetError, match=r"train-00000\.tar cannot be read"):
        clip.frames()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"shard": "../../etc/passwd"}, "is no name of a shard"),
        ({"shard": "train-00000.tar\x00"}, "is no name of a shard"),
        ({"samples": -1}, "line 1, is no entry"),
        ({"split": "all"}, "line 1, is no entry"),
        ({"facts": {"film": 3}}, "line 1, is no entry"),
        ({"members": {"flac": {"offset": 512, "size": 1 << 40, "sha256": ""}}}, "no sound place"),
        ({"members": {}}, "no sound place"),
        ({"start_s": "1/0"}, "line 1, is no entry"),
    ],
)
def test_an_index_is_not_trusted(tmp_path: Path, change: dict[str, object], words: str) -> None:
    write(tmp_path, range(1))
    finish(tmp_path)
    values = json.loads((tmp_path / INDEX).read_text("utf-8")) | change
    (tmp_path / INDEX).write_text(json.dumps(values) + "\n", "utf-8")
    finish(tmp_path)
    with pytest.raises(DatasetError, match=words):
        Dataset.open(tmp_path)[0].sound()


def test_an_index_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    """Between two lines it would be a smaller dataset."""
    write(tmp_path, range(2))
    finish(tmp_path)
    whole = (tmp_path / INDEX).read_bytes()
    for end in (whole.index(b"\n") + 1, len(whole) - 9):
        (tmp_path / INDEX).write_bytes(whole[:end])
        with pytest.raises(DatasetError, match=r"clips\.jsonl is not what dataset\.json"):
            Dataset.open(tmp_path)


def test_other_media_in_a_shard_are_refused(tmp_path: Path) -> None:
    long = encode_sound(np.zeros(600_000, np.float32))
    with Writer(tmp_path, 1 << 20) as writer:
        writer.keep(entry(0), long, b"#EXTM3U\nfile:///etc/passwd\n")
        writer.keep(entry(1), PICTURE, encode_sound(SOUND))
        writer.finish()
    finish(tmp_path)
    for clip in Dataset.open(tmp_path):
        with pytest.raises(DatasetError, match="its sound"):
            clip.sound()
        with pytest.raises(DatasetError, match="its picture"):
            clip.frames()


def test_a_folder_that_is_no_dataset_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no dataset, or one that is not finished"):
        Dataset.open(tmp_path)
    (tmp_path / SUMMARY).write_text("[]")
    with pytest.raises(DatasetError, match="is not of the format"):
        Dataset.open(tmp_path)
