"""What is written into another folder, or into a bundle, opens with its media online."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import opentimelineio as otio
import pytest
from marked_film import make_film, make_maestro, save
from numpy.typing import NDArray

import otio_hpm.scoring.job as job
from otio_hpm.scoring.relink import relink
from otio_hpm.settings import (
    DeliverySettings,
    MediaSettings,
    ModelSettings,
    Settings,
    SpottingSettings,
)
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.writing import existing_cues

DEBUG = Settings(model=ModelSettings(model="debug", device="cpu", steps=1, followed_steps=1))


class Hum:
    """Renders in no time."""

    def generate(self, request: Any, progress: Any) -> NDArray[np.float32]:
        time = np.arange(request.samples) / 48_000
        return (0.1 * np.sin(2 * np.pi * 220 * time)).astype(np.float32)


def hum(name: str, device: str) -> Hum:
    return Hum()


def never(name: str, device: str) -> Hum:
    raise AssertionError("something is rendered again")


def references(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """All media references of an .otio with their clips' names, by plain JSON."""
    waiting: list[Any] = [json.loads(path.read_bytes())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "media_references" in node:
                yield from ((node["name"], one) for one in node["media_references"].values())
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def named(path: Path, clip: str) -> list[str]:
    """What the references of a clip say."""
    return [
        one.get("target_url", one.get("target_url_base")) or ""
        for name, one in references(path)
        if name == clip
    ]


def led(path: Path, text: str) -> Path:
    """Where a reference in a file leads, by the rules of URLs."""
    local = unquote(urlsplit(text).path) if "%" in text or text.startswith("file:") else text
    return Path(os.path.normpath(path.parent / local))


def external(url: str) -> Any:
    return otio.schema.ExternalReference(target_url=url)


def sound(name: str, *urls: str) -> Any:
    """A clip of sound with one reference or several."""
    clip = otio.schema.Clip(name, source_range=span(0, 48))
    keys = ["DEFAULT_MEDIA", *(f"other {number}" for number in range(1, len(urls)))]
    clip.set_media_references(dict(zip(keys, map(external, urls), strict=True)), keys[0])
    return clip


def span(start: int, length: int) -> Any:
    time = otio.opentime.RationalTime
    return otio.opentime.TimeRange(time(start, 24), time(length, 24))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A film whose picture is named relative to it, with sounds of every spelling."""
    cut = make_film(tmp_path / "in folder", ("SCORE",))
    folder = cut.parent
    (folder / "sub #1").mkdir()
    for name in ("a.wav", "sub #1/b c.wav", "100%41.wav", "low.wav"):
        make_maestro(folder / name, 2.0)
    (folder / "stills").mkdir()
    for number in range(1, 5):
        (folder / "stills" / f"f.{number:04d}.png").write_bytes(b"png")
    timeline = otio.adapters.read_from_file(str(cut))
    timeline.tracks[0][0].media_reference = external("roll.mp4")
    images = otio.schema.Clip("images", source_range=span(0, 4))
    images.media_reference = otio.schema.ImageSequenceReference(
        target_url_base="stills/", name_prefix="f.", name_suffix=".png", start_frame=1,
        frame_zero_padding=4, rate=24, available_range=span(0, 4),
    )  # fmt: skip
    resolve = sound("numbered", "stills/f.[0001-0004].png")
    resolve.media_reference.available_range = span(0, 4)
    inner = otio.schema.Track("inner", kind="Audio", children=[sound("nested", "./a.wav")])
    clips = [
        sound("several", "a.wav", "low.wav"),
        sound("plain", "sub #1/b c.wav"),
        sound("encoded", "sub%20%231/b%20c.wav"),
        sound("literal", "100%41.wav"),
        sound("by scheme", "file:a.wav"),
        sound("absolute", f"{folder}/a.wav"),
        sound("absolute url", "file://localhost/nowhere/a%20b.wav"),
        sound("windows", "C:\\films\\a.wav"),
        sound("web", "https://example.org/a.wav"),
        sound("missing", "nowhere/x.wav"),
        otio.schema.Stack("nest", children=[inner]),
    ]
    timeline.tracks.append(otio.schema.Track("A1", kind="Audio", children=clips))
    disabled = otio.schema.Track("V2", kind="Video", children=[images, resolve])
    disabled.enabled = False
    timeline.tracks.append(disabled)
    return save(timeline, cut)


RELATIVE = {
    "sc01": "roll.mp4",
    "several": "a.wav",
    "plain": "sub #1/b c.wav",
    "encoded": "sub #1/b c.wav",
    "literal": "100%41.wav",
    "by scheme": "a.wav",
    "nested": "a.wav",
    "images": "stills",
}
"""Clips whose references are relative, and what they lead to from the timeline's folder."""
UNTOUCHED = ("absolute", "absolute url", "windows", "web", "missing")


def test_an_otio_in_another_folder_names_the_editors_media_from_there(
    film: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out" / "deep" / "scored.otio"
    output.parent.mkdir(parents=True)
    before = film.read_bytes()
    result = job.score(film, output, DEBUG, load=hum)
    assert film.read_bytes() == before
    for clip, file in RELATIVE.items():
        for text in named(output, clip)[:1]:
            assert text.startswith("../../in")
            if clip != "literal":  # its name looks like an encoded one
                assert led(output, text) == film.parent / file
    assert named(output, "literal") == ["../../in folder/100%41.wav"]
    assert sorted(named(output, "several")) == ["../../in folder/a.wav", "../../in folder/low.wav"]
    assert named(output, "encoded") == ["../../in%20folder/sub%20%231/b%20c.wav"]
    assert named(output, "images") == ["../../in folder/stills/"]
    assert named(output, "numbered") == ["../../in folder/stills/f.[0001-0004].png"]
    for clip in UNTOUCHED:
        assert named(output, clip) == named(film, clip)
    told = " ".join(result.changes)
    assert f"10 relative media references now begin in {output.parent}" in told
    assert "stay as they are: nowhere/x.wav" in told


def test_in_its_own_folder_nothing_of_the_editors_changes(film: Path) -> None:
    result = job.score(film, film.parent / "scored.otio", DEBUG, load=hum)
    for clip in (*RELATIVE, *UNTOUCHED, "numbered"):
        assert named(result.timeline, clip) == named(film, clip)
    assert "relative media" not in " ".join(result.changes)


def test_behind_a_link_media_are_named_from_the_root(film: Path, tmp_path: Path) -> None:
    (tmp_path / "far" / "away" / "disk").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far" / "away" / "disk")
    output = tmp_path / "link" / "scored.otio"
    job.score(film, output, DEBUG, load=hum)
    assert named(output, "sc01") == [(film.parent / "roll.mp4").as_uri()]
    assert named(output, "images") == [f"{(film.parent / 'stills').as_uri()}/"]


@pytest.mark.parametrize("suffix", ["fcpxml", "xml", "aaf", "edl"])
@pytest.mark.parametrize("elsewhere", [True, False])
def test_every_format_reads_back_online(
    film: Path, tmp_path: Path, suffix: str, elsewhere: bool
) -> None:
    timeline = otio.adapters.read_from_file(str(film))
    track = timeline.tracks[1]
    kept = ("several", "plain", "encoded")
    track[:] = [clip.deepcopy() for clip in track if clip.name in kept]
    del timeline.tracks[2]
    save(timeline, film)
    folder = tmp_path / "out" if elsewhere else film.parent
    folder.mkdir(exist_ok=True)
    output = folder / f"scored.{suffix}"
    settings = dataclasses.replace(DEBUG, spotting=SpottingSettings(rate=24))
    job.score(film, output, settings, load=hum)
    again = read_cut(output, settings)
    found = {
        led(output, clip.media_reference.target_url)
        for clip in again.timeline.find_clips()
        if getattr(clip.media_reference, "target_url", "")
    }
    wanted = {"roll.mp4", "a.wav", "sub #1/b c.wav"} if suffix != "edl" else {"roll.mp4"}
    assert {film.parent / name for name in wanted} <= found


def test_what_only_a_media_folder_has_keeps_its_reference(film: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    shutil.move(film.parent / "roll.mp4", store / "roll.mp4")
    (tmp_path / "out").mkdir()
    media = MediaSettings(media_dirs=(store,))
    settings = dataclasses.replace(DEBUG, media=media)
    result = job.score(film, tmp_path / "out" / "scored.otio", settings, load=hum)
    assert named(result.timeline, "sc01") == ["roll.mp4"]
    assert any("roll.mp4" in words for words in result.changes)


def test_relinking_into_another_folder_takes_the_editors_media_along(
    film: Path, tmp_path: Path
) -> None:
    scored = job.score(film, film.parent / "scored.otio", DEBUG, load=hum).timeline
    (tmp_path / "out").mkdir()
    output = tmp_path / "out" / "moved.otio"
    done = relink(scored, tmp_path / "out" / "music", output, DEBUG)
    for clip, file in RELATIVE.items():
        if clip != "literal":
            assert led(output, named(output, clip)[0]).name == Path(file).name
            assert named(output, clip)[0].startswith("../in")
    assert any("10 relative media references" in words for words in done.changes)
    assert any("nowhere/x.wav" in words for words in done.changes)


def test_music_that_stays_says_where_its_sidecar_is(tmp_path: Path) -> None:
    cut = make_film(tmp_path / "in", ("SCORE", "SCORE"))
    first = job.score(cut, cut.parent / "scored.otio", DEBUG, load=hum)
    (tmp_path / "out").mkdir()
    only = dataclasses.replace(DEBUG, spotting=SpottingSettings(only=("1m1",)))
    again = job.score(first.timeline, tmp_path / "out" / "again.otio", only, load=never)
    timeline = otio.adapters.read_from_file(str(again.timeline))
    told = [
        clip.metadata["otio_hpm"]["sidecar"] for clip in timeline.audio_tracks()[0].find_clips()
    ]
    assert told == [f"../in/scored_audio/R1_1m{number}_t01.json" for number in (1, 2)]


@pytest.mark.parametrize("dialect", ["resolve", "kdenlive"])
@pytest.mark.parametrize("colour", ["", "red"])
def test_markers_of_a_list_get_the_hosts_notes(tmp_path: Path, dialect: str, colour: str) -> None:
    cut = make_film(tmp_path, (None, None))
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(f"name,note,in,out,colour\nSCORE calm,,01:00:00:05,,{colour}\n", "utf-8")
    settings = dataclasses.replace(
        DEBUG,
        spotting=SpottingSettings(markers=(sheet,)),
        delivery=DeliverySettings(dialect=dialect),  # type: ignore[arg-type]
    )
    result = job.score(cut, tmp_path / "out.otio", settings, load=hum)
    (marker,) = otio.adapters.read_from_file(str(result.timeline)).tracks.markers
    notes = marker.metadata.get("Resolve_OTIO", {}).get("Note"), marker.comment
    assert notes == (("SCORE calm", "") if dialect == "resolve" else (None, "SCORE calm"))


@pytest.fixture
def with_references(tmp_path: Path) -> Path:
    """A film whose marks name a maestro cue in a folder beside it, and a sketch elsewhere."""
    cut = make_film(
        tmp_path / "film", ("SCORE maestro=refs/theme.wav", 'SCORE sketch="my sketch.mid"')
    )
    (cut.parent / "refs").mkdir()
    make_maestro(cut.parent / "refs" / "theme.wav", 2.0)
    other = make_film(tmp_path / "other", ("SCORE",))
    made = job.score(other, other.parent / "scored.otio", DEBUG, load=hum)
    (tmp_path / "sketches" / "deep").mkdir(parents=True)
    midi = made.cues[0].wav.with_suffix(".sketch.mid")
    shutil.copy(midi, tmp_path / "sketches" / "deep" / "my sketch.mid")
    return cut


@pytest.mark.parametrize("suffix", ["otioz", "otiod"])
def test_a_bundle_is_scored_again_with_all_that_its_marks_name(
    with_references: Path, tmp_path: Path, suffix: str
) -> None:
    media = MediaSettings(media_dirs=(tmp_path / "sketches",))
    settings = dataclasses.replace(DEBUG, media=media)
    bundle = tmp_path / "film" / f"out.{suffix}"
    done = job.score(with_references, bundle, settings, load=hum)
    (tmp_path / "elsewhere").mkdir()
    moved = Path(shutil.move(bundle, tmp_path / "elsewhere" / bundle.name))
    for name in ("film", "sketches", "other"):
        shutil.rmtree(tmp_path / name)
    again = job.score(moved, tmp_path / "elsewhere" / "again.otio", DEBUG, load=never)
    assert [cue.reused for cue in again.cues] == [True, True]
    assert len(done.cues) == 2
    for clip, reference in references(again.timeline):
        if clip.endswith(".wav"):
            assert led(again.timeline, reference["target_url"]).is_file()


def test_marked_files_keep_their_names_beside_media_of_the_same_name(
    with_references: Path, tmp_path: Path
) -> None:
    film = with_references.parent
    (film / "theme.wav").write_bytes(b"another")
    timeline = otio.adapters.read_from_file(str(with_references))
    timeline.tracks[0][0].markers[0].name = "SCORE maestro=theme.wav"
    (film / "theme.wav").unlink()
    shutil.copy(film / "refs" / "theme.wav", film / "theme.wav")
    (film / "refs" / "theme.wav").write_bytes(b"another")
    del timeline.tracks[0][1]
    track = otio.schema.Track("A1", kind="Audio", children=[sound("s", "refs/theme.wav")])
    timeline.tracks.append(track)
    save(timeline, with_references)
    job.score(with_references, film / "out.otiod", DEBUG, load=hum)
    inside = film / "out.otiod" / "media"
    assert (inside / "theme.wav").read_bytes() == (film / "theme.wav").read_bytes()
    assert (inside / "theme-2.wav").read_bytes() == b"another"
    assert "media/theme-2.wav" in named(film / "out.otiod" / "content.otio", "s")


def test_fcpxml_scored_again_renders_nothing_and_finds_all_our_clips(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE", None, "SCORE warm"))
    first = job.score(cut, tmp_path / "out.fcpxml", DEBUG, load=hum)
    source = tmp_path / "out.fcpxml"
    ours = re.findall(r'<asset[^>]* name="(R1_1m\d_t01)', source.read_text("utf-8"))
    assert sorted(set(ours)) == ["R1_1m1_t01", "R1_1m2_t01"]
    found = existing_cues(read_cut(source, DEBUG))
    assert [(cue.number, cue.touched) for cue in found] == [("1m1", ()), ("1m2", ())]
    again = job.score(source, tmp_path / "again.fcpxml", DEBUG, load=never)
    assert [cue.reused for cue in again.cues] == [True, True]
    assert [cue.wav for cue in again.cues] == [cue.wav for cue in first.cues]
