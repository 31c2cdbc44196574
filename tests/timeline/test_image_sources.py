"""Image sequences are found by the reel and timecode in the headers of their first images."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from coded_images import write_dpx, write_exr
from coded_media import numbers, write_movie
from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange

from otio_hpm.errors import MediaError
from otio_hpm.film.frames import read_frames
from otio_hpm.scoring.job import plan, spot
from otio_hpm.settings import MediaSettings, ModelSettings, Settings, SpottingSettings
from otio_hpm.timeline import source_facts
from otio_hpm.timeline.clip_layer import clip_picture
from otio_hpm.timeline.image_headers import read_image_header
from otio_hpm.timeline.linking import linked_reference
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.picture import Picture, PictureSpan
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.source_facts import SourceFacts, read_facts

FILM = Fraction(24000, 1001)
HOUR = 86_400
REEL = "A001C003_130101_R2EC"
Write = Callable[[Path, int], Path]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def packed(frame: int) -> int:
    """Timecode of a frame of the hour from 01:00:00:00 on, of 24 frames a second, packed."""
    return 0x01000000 | int(f"{frame // 24:02d}{frame % 24:02d}", 16)


def as_dpx(path: Path, index: int) -> Path:
    return write_dpx(path, index, timecode=packed(index), reel=REEL, film_rate=24000 / 1001)


def as_exr(path: Path, index: int) -> Path:
    """Without a frame rate, as many are."""
    return write_exr(path, index, timecode=packed(index), texts={"reelName": REEL})


def sequence(folder: Path, suffix: str, write: Write, numbers: range) -> Path:
    """A sequence of images from 01:00:00:00 on; their numbers need not be the frame's."""
    for index, at in enumerate(numbers):
        write(folder / f"plate.{at:07d}{suffix}", index)
    return folder / f"plate.{numbers[0]:07d}{suffix}"


def shot(reel: str, start: int, length: int = 10, rate: Fraction = FILM) -> Any:
    span = TimeRange(RationalTime(start, float(rate)), RationalTime(length, float(rate)))
    return schema.Clip(name="no file", source_range=span, metadata={"cmx_3600": {"reel": reel}})


def finder(folder: Path) -> MediaFinder:
    return MediaFinder(folder.parent, MediaSettings(media_dirs=(folder,)))


KINDS = pytest.mark.parametrize(("suffix", "write"), [(".dpx", as_dpx), (".exr", as_exr)])


@KINDS
def test_a_sequence_is_found_and_seen_from_its_timecode_on(
    tmp_path: Path, suffix: str, write: Write
) -> None:
    pool = tmp_path / "pool"
    first = sequence(pool / "a", suffix, write, range(990, 1020))
    clip = shot("A001C003", HOUR + 7)
    media = finder(pool).media_of(clip)
    assert (media.path, media.kind, media.found_by) == (first, "sequence", "reel and timecode")
    assert len(media.files) == 30 and media.rate == FILM and media.duration_s == 30 / FILM
    assert media.start_s == HOUR / FILM and media.start_timecode == "01:00:00:00"
    layer = clip_picture(clip, FILM, finder(pool)).layer(Fraction(0))
    span = PictureSpan(start_frames=0, end_frames=10, layers=(layer,))
    frames = read_frames(Picture(spans=(span,)), 0, 10, FILM, fps=24)
    assert list(dict.fromkeys(numbers(frames))) == list(range(7, 17))
    assert finder(pool).find_clip(shot("A001C003", HOUR + 25)) is None, "not covered"
    assert finder(pool).find_clip(shot("B001", HOUR)) is None


@KINDS
def test_the_linker_refers_to_the_images(tmp_path: Path, suffix: str, write: Write) -> None:
    pool = tmp_path / "a pool"
    sequence(pool, suffix, write, range(990, 1020))
    reference = linked_reference(shot(REEL, HOUR + 7), finder(pool))
    assert isinstance(reference, schema.ImageSequenceReference)
    assert reference.metadata["hpm_linker"] == {"found_by": "reel and timecode"}
    span = TimeRange(RationalTime(HOUR, float(FILM)), RationalTime(30, float(FILM)))
    assert (reference.available_range, reference.rate) == (span, float(FILM))
    found = MediaFinder(tmp_path, MediaSettings()).find(reference)
    assert found == tuple(pool / f"plate.{number:07d}{suffix}" for number in range(990, 1020))


def test_holes_part_sequences_and_numbers_need_no_zeros(tmp_path: Path) -> None:
    pool = tmp_path / "pool"
    for index in (*range(5, 15), *range(16, 30)):
        as_dpx(pool / f"{index}.dpx", index)
    found = finder(pool)
    assert len(found.media_of(shot(REEL, HOUR + 5)).files) == 10
    assert found.find_clip(shot(REEL, HOUR + 16, 14)) == pool / "16.dpx"
    assert found.find_clip(shot(REEL, HOUR + 12, 5)) is None
    assert found.find_clip(shot("pool", HOUR + 16)) == pool / "16.dpx", "the folder's name"


def test_a_movie_goes_before_the_same_as_images_and_two_sequences_are_ambiguous(
    tmp_path: Path,
) -> None:
    pool = tmp_path / "pool"
    for folder in ("v1", "v2"):
        sequence(pool / folder, ".exr", as_exr, range(1, 31))
    with pytest.raises(MediaError, match=r"2 files: .*plate\.0000001\.exr"):
        finder(pool).find_clip(shot(REEL, HOUR))
    movie = write_movie(pool / "proxy.mov", 30, FILM, timecode="01:00:00:00", reel=REEL)
    assert finder(pool).find_clip(shot(REEL, HOUR)) == movie


def test_only_first_images_are_opened_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def reading(path: Path) -> SourceFacts | None:
        opened.append(path.name)
        return read_facts(path)

    monkeypatch.setattr(source_facts, "read_facts", reading)
    pool = tmp_path / "pool"
    sequence(pool, ".dpx", as_dpx, range(1, 31))
    for _ in range(2):
        assert finder(pool).find_clip(shot(REEL, HOUR)) == pool / "plate.0000001.dpx"
    assert opened == ["plate.0000001.dpx"]


@pytest.mark.parametrize("order", [">", "<"])
def test_what_a_dpx_says(tmp_path: Path, order: str) -> None:
    def header(**facts: Any) -> Any:
        return read_image_header(write_dpx(tmp_path / "a.dpx", 0, order=order, **facts))

    said = header(timecode=0x10203029, television_rate=29.97, film_rate=24.0)
    assert (said.timecode, said.rate) == ("10:20:30:29", Fraction(30000, 1001)), "of television"
    assert header(timecode=0x10203069).timecode == "10:20:30;29", "drop-frame"
    for rate in (float("inf"), float("nan"), -24.0, 1e30):
        assert header(television_rate=rate, film_rate=24.0).rate == 24
    assert header().timecode is None and header().rate is None
    assert header(reel="Ä" * 16).texts["reel"] == "Ä" * 16


def test_an_exr_may_name_its_reel_as_its_camera_does_and_its_rate(tmp_path: Path) -> None:
    path = write_exr(
        tmp_path / "a.exr",
        0,
        timecode=0x10203019,
        rate=(25, 1),
        texts={"comments": "x" * 70_000, "com.arri.camera.ReelName": "B007"},
    )
    facts = read_facts(path)
    assert (facts.reel, facts.timecode, facts.rate) == ("B007", "10:20:30:19", 25)
    assert facts.of_sequence(50, FILM).start_s == 37_230 + Fraction(19, 25)
    write_exr(path, 0, rate=(24_000, 1001), rate_name="FramesPerSecond")
    assert read_facts(path).rate == FILM, "as some libraries spell it"
    assert write_exr(path, 0, rate=(1, 0)) and read_image_header(path).rate is None


def test_above_30_frames_a_second_timecode_may_count_pairs_and_is_not_taken(
    tmp_path: Path,
) -> None:
    pool = tmp_path / "pool"
    sequence(pool, ".exr", as_exr, range(1, 31))
    assert finder(pool).find_clip(shot(REEL, 48 * 3600, 5, Fraction(48))) is None
    assert finder(pool).find_clip(shot(REEL, HOUR, 5, Fraction(24))) is not None


def test_damaged_headers_say_what_they_can_and_are_passed_over(tmp_path: Path) -> None:
    pool = tmp_path / "pool"
    sequence(pool / "whole", ".dpx", as_dpx, range(1, 31))
    wholes = [as_exr(tmp_path / "a.exr", 0), as_dpx(tmp_path / "a.dpx", 0)]
    generator = np.random.default_rng(1)
    for count, whole in enumerate(wholes * 60):
        damaged = np.frombuffer(whole.read_bytes()[:3000], np.uint8).copy()
        damaged[generator.integers(4, len(damaged), 40)] = generator.integers(0, 256, 40)
        for at in range(2):
            path = pool / f"{count}" / f"{at}{whole.suffix}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(damaged.tobytes()[: 4 + 25 * count])
    assert finder(pool).find_clip(shot("A001C003", HOUR, 30)) == pool / "whole/plate.0000001.dpx"


def by_image(path: Path, start: int, length: int = 10, **more: Any) -> Any:
    """A clip whose media are one image, as lists name a sequence."""
    span = TimeRange(RationalTime(start, float(FILM)), RationalTime(length, float(FILM)))
    reference = schema.ExternalReference(target_url=path.as_uri(), **more)
    return schema.Clip(name="vfx", source_range=span, media_reference=reference)


def seen(clip: Any, finding: MediaFinder) -> tuple[list[int], str]:
    """The numbers that the pictures of a clip of ten frames carry, and how it was placed."""
    picture = clip_picture(clip, FILM, finding)
    span = PictureSpan(start_frames=0, end_frames=10, layers=(picture.layer(Fraction(0)),))
    frames = read_frames(Picture(spans=(span,)), 0, 10, FILM, fps=24)
    return list(dict.fromkeys(numbers(frames))), picture.offset


def plain(path: Path, index: int) -> Path:
    """An image that says nothing of its source."""
    return write_dpx(path, index)


@pytest.mark.parametrize(
    ("write", "run", "named", "start", "shown", "told"),
    [
        (as_dpx, range(1, 31), 1, HOUR + 7, 7, "its own timecode, 01:00:00:00"),
        (as_exr, range(1, 31), 20, HOUR + 7, 7, "its own timecode, 01:00:00:00"),
        (plain, range(86_390, 86_420), 86_400, HOUR - 5, 5, "stands at 00:59:59:14"),
        (plain, range(1, 31), 1, 12, 12, "stands at 00:00:00:00"),
        (plain, range(101, 131), 101, 12, 12, "stands at 00:00:00:00"),
        (plain, range(1, 31), 4, 97_061, 3, "stands at 01:07:24:05"),
    ],
)
def test_a_sequence_is_followed_from_any_of_its_images(
    tmp_path: Path, write: Write, run: range, named: int, start: int, shown: int, told: str
) -> None:
    suffix = ".exr" if write is as_exr else ".dpx"
    sequence(tmp_path, suffix, write, run)
    clip = by_image(tmp_path / f"plate.{named:07d}{suffix}", start)
    finding = MediaFinder(tmp_path, MediaSettings())
    media = finding.media_of(clip)
    assert (media.kind, media.found_by, media.rate) == ("sequence", "numbered image", FILM)
    pictures, offset = seen(clip, finding)
    assert pictures == list(range(shown, shown + 10))
    assert offset.endswith(told)


def test_where_the_timeline_says_when_the_media_begin_that_counts(tmp_path: Path) -> None:
    sequence(tmp_path, ".dpx", as_dpx, range(1, 31))
    stated = TimeRange(RationalTime(500, float(FILM)), RationalTime(24, float(FILM)))
    clip = by_image(tmp_path / "plate.0000005.dpx", 503, available_range=stated)
    assert seen(clip, MediaFinder(tmp_path, MediaSettings()))[0] == list(range(7, 17))


def test_a_lone_image_one_frame_and_what_does_not_reach_are_stills(tmp_path: Path) -> None:
    sequence(tmp_path, ".dpx", plain, range(1, 31))
    lone, finding = plain(tmp_path / "other.0001.dpx", 3), MediaFinder(tmp_path, MediaSettings())
    first = tmp_path / "plate.0000001.dpx"
    for clip in (by_image(lone, 0), by_image(first, 0, 1), by_image(first, 0, 31)):
        assert (finding.media_of(clip).kind, finding.media_of(clip).found_by) == ("still", "")
    assert finding.media_of(by_image(first, 0, 30)).kind == "sequence"
    assert finding.media_of(by_image(lone, 0)).missing == ()
    (endless,) = finding.media_of(by_image(first, 0, 2**80)).missing
    assert endless == range(31, 2**80 + 1)


def test_a_sequence_that_was_moved_is_followed_and_linked(tmp_path: Path) -> None:
    pool = tmp_path / "pool"
    first = sequence(pool / "a", ".dpx", as_dpx, range(1, 31))
    clip = by_image(Path("/gone/plate.0000009.dpx"), HOUR + 7)
    assert finder(pool).media_of(clip).path == first
    reference = linked_reference(clip, finder(pool))
    assert isinstance(reference, schema.ImageSequenceReference)
    assert reference.metadata["hpm_linker"] == {"found_by": "numbered image"}
    assert (reference.start_frame, reference.available_range.duration.value) == (1, 30)


@pytest.mark.parametrize(
    "comment",
    [
        r"FROM CLIP: S:\plates\plate.0086400.dpx",
        r"FROM FILE: S:\plates\plate.0086400.dpx",
        "FROM CLIP NAME:  plate.0086400.dpx",
    ],
)
def test_lists_of_avid_nucoda_and_premiere_mean_sequences(tmp_path: Path, comment: str) -> None:
    sequence(tmp_path / "pool", ".dpx", plain, range(86_390, 86_420))
    path = tmp_path / "cut.edl"
    event = "001  AX V     C        01:00:00:05 01:00:00:15 00:59:53:11 00:59:53:21"
    path.write_text(f"TITLE: plates\n{event}\n* {comment}\n")
    cut = read_cut(path, Settings(spotting=SpottingSettings(rate=FILM)))
    (clip,) = cut.timeline.find_clips()
    assert seen(clip, finder(tmp_path / "pool"))[0] == list(range(15, 25))


@pytest.mark.parametrize(
    ("there", "length", "told"),
    [
        (range(1, 31), 41, "images 31 to 41 of its sequence are not there"),
        ([*range(1, 8), *range(9, 31)], 12, "image 8 of its sequence is not there"),
        ([1, *range(3, 6), *range(8, 31)], 31, "images 2, 6 to 7 and 31 of its sequence are not"),
        (range(1, 60, 2), 24, "images 2, 4, 6, 8, 10, 12, 14, 16, 18, 20 and 2 more of its"),
    ],
)
def test_a_sequence_with_images_missing_is_held_with_a_warning_that_names_them(
    tmp_path: Path, there: Iterable[int], length: int, told: str
) -> None:
    for number in there:
        plain(tmp_path / f"plate.{number:04d}.dpx", number)
    path = tmp_path / "cut.edl"
    event = f"001  AX V     C        00:00:00:00 00:00:{length // 24:02d}:{length % 24:02d}"
    path.write_text(
        f"TITLE: plates\n{event} 01:00:00:00 01:00:{length // 24:02d}:{length % 24:02d}\n"
        "* FROM CLIP NAME: plate.0001.dpx\n* LOC: 01:00:00:05 RED SCORE\n"
    )
    settings = Settings(
        spotting=SpottingSettings(rate=Fraction(24)),
        media=MediaSettings(media_dirs=(tmp_path,)),
        model=ModelSettings(model="debug"),
    )
    for found in (spot(path, settings), plan(path, tmp_path / "scored.otio", settings)):
        (warning,) = (text for text in found.warnings if "sequence" in text)
        assert warning.startswith(f"clip 'plate.0001.dpx': {told}")
        assert warning.endswith(", so plate.0001.dpx is held as a still")
