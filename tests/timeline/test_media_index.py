"""Media files are opened once, when a reel is asked for, and what they say is kept."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from coded_media import write_broadcast_sound, write_movie
from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange

from otio_hpm.settings import MediaSettings
from otio_hpm.timeline import source_facts
from otio_hpm.timeline.facts_cache import FactsCache, Stamp, cache_path
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.source_facts import SourceFacts, read_facts

RATE = Fraction(25)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's cache is; nothing is there yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return cache_path()


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    folder = tmp_path / "pool"
    for number in range(3):
        path = folder / f"{number}.mov"
        write_movie(path, 25, RATE, timecode=f"0{number}:00:00:00", reel="R1")
    return folder


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are opened for what they say."""
    names: list[str] = []

    def reading(path: Path) -> SourceFacts | None:
        names.append(path.name)
        return read_facts(path)

    monkeypatch.setattr(source_facts, "read_facts", reading)
    return names


def found(pool: Path, hour: int, report: Callable[[int, int], None] | None = None) -> str | None:
    """Name of the file of reel R1 at an hour, as a new run finds it."""
    span = TimeRange(RationalTime(hour * 90_000, 25), RationalTime(10, 25))
    clip = schema.Clip(name="x", source_range=span, metadata={"cmx_3600": {"reel": "R1"}})
    settings = MediaSettings(media_dirs=(pool,))
    path = MediaFinder(pool.parent, settings, report=report).find_clip(clip)
    return path.name if path else None


def test_files_are_opened_once_and_only_for_reels(
    pool: Path, cache: Path, opened: list[str]
) -> None:
    named = schema.ExternalReference(target_url="/gone/1.mov")
    finder = MediaFinder(pool.parent, MediaSettings(media_dirs=(pool,)))
    assert finder.find(named) == pool / "1.mov"
    assert not opened and not cache.exists()
    assert found(pool, 1) == "1.mov"
    assert sorted(opened) == ["0.mov", "1.mov", "2.mov"]
    opened.clear()
    assert found(pool, 2) == "2.mov"
    assert not opened
    assert sorted(file.name for file in pool.iterdir()) == ["0.mov", "1.mov", "2.mov"]
    assert cache.parent.stat().st_mode & 0o077 == 0


def test_a_file_that_changes_is_read_again(pool: Path, cache: Path, opened: list[str]) -> None:
    assert found(pool, 5) is None
    opened.clear()
    write_movie(pool / "1.mov", 25, RATE, timecode="05:00:00:00", reel="R1")
    os.utime(pool / "1.mov", ns=(1, 1))
    assert found(pool, 5) == "1.mov"
    assert opened == ["1.mov"]
    (pool / "1.mov").unlink()
    assert found(pool, 5) is None


@pytest.mark.parametrize("harm", ["junk", "cut", "row", "page", "version", "table", "folder"])
def test_a_cache_that_is_damaged_or_of_another_version_is_made_anew(
    pool: Path, cache: Path, opened: list[str], harm: str
) -> None:
    assert found(pool, 1) == "1.mov"
    whole = cache.read_bytes()
    opened.clear()
    if harm == "junk":
        cache.write_bytes(b"no database at all" * 500)
    elif harm == "cut":
        cache.write_bytes(whole[:5000])
    elif harm == "row":
        cache.write_bytes(whole.replace(b'"reel": "R1"', b'"reel": "R2"'))
    elif harm == "page":
        cache.write_bytes(whole[:4096] + bytes(range(256)) * 16 + whole[8192:])
    elif harm == "folder":
        cache.unlink()
        cache.mkdir()
    else:
        with sqlite3.connect(cache) as database:
            database.execute(
                "PRAGMA user_version = 99" if harm == "version" else "DROP TABLE source"
            )
    assert found(pool, 1) == "1.mov"
    assert sorted(opened) == ["0.mov", "1.mov", "2.mov"]
    opened.clear()
    assert found(pool, 2) == "2.mov"
    assert bool(opened) == (harm == "folder"), "kept again, where it can be"


def test_media_are_found_without_a_cache(
    pool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert found(pool, 1) == "1.mov"


def test_processes_may_keep_what_they_read_at_once(cache: Path) -> None:
    script = """if True:
        import sys
        from pathlib import Path
        from otio_hpm.timeline.facts_cache import FactsCache, Stamp, cache_path
        from otio_hpm.timeline.source_facts import SourceFacts
        for number in range(50):
            path = Path(sys.argv[1], str(number))
            FactsCache(cache_path()).keep({path: Stamp(size=1, mtime_ns=2)}, {path: SourceFacts()})
    """
    command = (sys.executable, "-c", script)
    runs = [subprocess.Popen([*command, folder]) for folder in ("/one", "/two")]
    assert [run.wait() for run in runs] == [0, 0]
    stamp = Stamp(size=1, mtime_ns=2)
    stamps = {Path(folder, str(n)): stamp for folder in ("/one", "/two") for n in range(50)}
    assert set(FactsCache(cache).known(stamps)) == set(stamps)


def test_what_was_read_long_ago_is_forgotten(
    pool: Path, cache: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("time.time", lambda: 1e9)
        assert found(pool, 1) == "1.mov"
    (pool / "2.mov").unlink()
    write_movie(pool / "new.mov", 25, RATE, timecode="07:00:00:00", reel="R1")
    assert found(pool, 7) == "new.mov"
    with sqlite3.connect(cache) as database:
        assert database.execute("SELECT count(*) FROM source").fetchone() == (1,)


def test_progress_goes_from_nothing_to_all(pool: Path, cache: Path) -> None:
    heard: list[tuple[int, int]] = []
    found(pool, 1, lambda done, total: heard.append((done, total)))
    assert heard == [(0, 3), (1, 3), (2, 3), (3, 3)]
    heard.clear()
    found(pool, 1, lambda done, total: heard.append((done, total)))
    assert not heard


def test_damaged_media_are_passed_over(pool: Path, cache: Path, opened: list[str]) -> None:
    whole = (pool / "1.mov").read_bytes()
    (pool / "cut.mov").write_bytes(whole[:1000])
    (pool / "empty.mxf").touch()
    (pool / "text.mp4").write_text("#EXTM3U\nfile:///etc/passwd\n")
    (pool / "riff.wav").write_bytes(b"RIFF\xff\xff\xff\xffWAVEiXML\xff\xff\xff\x7f<BWFXML>")
    (pool / "folder.mov").mkdir()
    (pool / "._1.mov").write_bytes(b"a resource fork")
    os.mkfifo(pool / "pipe.mov")
    generator = np.random.default_rng(1)
    for number in range(40):
        damaged = np.frombuffer(whole, np.uint8).copy()
        damaged[generator.integers(0, len(damaged), 30)] = generator.integers(0, 256, 30)
        (pool / f"damaged{number}.mov").write_bytes(damaged.tobytes()[: 400 + 97 * number])
    assert found(pool, 1) == "1.mov"
    assert "._1.mov" not in opened
    opened.clear()
    assert found(pool, 2) == "2.mov"
    assert opened in ([], ["pipe.mov"]), "that they say nothing is kept too"


def test_a_file_that_takes_too_long_is_left_and_asked_again(
    pool: Path, cache: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(source_facts, "_PATIENCE_S", 1e-9)
        assert found(pool, 1) is None
    opened.clear()
    assert found(pool, 1) == "1.mov"
    assert len(opened) == 3


@pytest.mark.parametrize("suffix", [".mov", ".mkv", ".mxf"])
def test_what_a_movie_says_of_its_source(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = 720, 576, "yuv422p"
        container.metadata["timecode"] = "10:00:00:05"
        (stream if suffix == ".mov" else container).metadata["reel_name"] = "Tape 7"
        for index in range(25):
            frame = av.VideoFrame.from_ndarray(np.zeros((576, 720, 3), np.uint8), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    facts = read_facts(path)
    assert (facts.reel, facts.start_s, facts.rate) == ("Tape 7", 36_000 + Fraction(5, 25), 25)
    assert facts.duration_s == 1 and facts.has_picture and not facts.has_sound


def test_what_a_broadcast_wave_says_of_its_source(tmp_path: Path) -> None:
    path = write_broadcast_sound(tmp_path / "a.wav", 48_000 * 3600 + 7, 2, tape="Rolle Ä &amp; 1")
    facts = read_facts(path)
    assert facts.reel == "Rolle Ä & 1" and facts.duration_s == 2
    assert facts.start_s == 3600 + Fraction(7, 48_000)
    assert facts.has_sound and not facts.has_picture
    large = bytearray(path.read_bytes())
    data = large.index(b"data")
    large[:4], large[data + 4 : data + 8] = b"RF64", b"\xff" * 4
    sizes = b"ds64" + (28).to_bytes(4, "little") + len(large).to_bytes(8, "little")
    sizes += (192_000).to_bytes(8, "little") + (96_000).to_bytes(8, "little") + bytes(4)
    path.write_bytes(large[:12] + sizes + large[12:])
    assert read_facts(path) == facts
