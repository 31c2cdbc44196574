"""Our audio that has moved together with its timeline is found where it is now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from marked_film import make_film
from numpy.typing import NDArray

import otio_hpm.scoring.job as job
from otio_hpm.settings import ModelSettings, Settings
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.takes import is_score_clip

DEBUG = Settings(model=ModelSettings(model="debug", device="cpu", steps=1, followed_steps=1))
WAV = Path("out_audio", "R1_1m1_t01.wav")


class Hum:
    """Renders in no time."""

    def generate(self, request: Any, progress: Any) -> NDArray[np.float32]:
        return (0.1 * np.sin(np.arange(request.samples) / 20)).astype(np.float32)


def never(name: str, device: str) -> Any:
    raise AssertionError("something is rendered again")


def played(timeline: Path) -> list[str]:
    """What our clips play, as they are read."""
    clips = read_cut(timeline, Settings()).timeline.find_clips()
    return [clip.media_reference.target_url for clip in clips if is_score_clip(clip)]


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """A scored timeline that names its audio by an absolute path which is no longer true."""
    cut = make_film(tmp_path / "before", ("SCORE",))
    job.score(cut, cut.with_name("out.otio"), DEBUG, load=lambda name, device: Hum())
    (tmp_path / "before").rename(tmp_path / "after")
    return tmp_path / "after" / "out.otio"


def test_nothing_is_rendered_again(moved: Path) -> None:
    assert played(moved) == [(moved.parent / WAV).as_uri()]
    output = moved.with_name("again.otio")
    settings = DEBUG.with_changes({"media": {"media_dirs": (moved.parent,)}})
    again = job.score(moved, output, settings, load=never)
    assert [cue.reused for cue in again.cues] == [True]


def test_a_file_that_is_where_the_timeline_says_is_played(moved: Path, tmp_path: Path) -> None:
    old = tmp_path / "before" / WAV
    old.parent.mkdir(parents=True)
    old.write_bytes(b"another")
    assert played(moved) == [old.as_uri()]


def test_another_take_of_that_name_is_not(moved: Path, tmp_path: Path) -> None:
    sidecar = (moved.parent / WAV).with_suffix(".json")
    said = sidecar.read_text("utf-8")
    assert '"sha256": "' in said
    sidecar.write_text(said.replace('"sha256": "', '"sha256": "0'), "utf-8")
    assert played(moved) == [(tmp_path / "before" / WAV).as_uri()]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """An FCPXML that plays a copy of our audio, which a host took into its library."""
    cut = make_film(tmp_path / "film", ("SCORE",))
    outputs = [cut.with_name("out.otio"), cut.with_name("out.fcpxml")]
    job.score(cut, outputs, DEBUG, load=lambda name, device: Hum())
    library = tmp_path / "library" / WAV.name
    library.parent.mkdir()
    library.write_bytes((cut.parent / WAV).read_bytes())
    text = outputs[1].read_text("utf-8")
    assert text.count((cut.parent / WAV).as_uri()) == 1
    outputs[1].write_text(text.replace((cut.parent / WAV).as_uri(), library.as_uri()), "utf-8")
    return outputs[1]


def test_a_copy_that_a_host_made_is_the_take_it_was_made_of(copied: Path) -> None:
    assert played(copied) == [(copied.parent / WAV).as_uri()]
    again = job.score(copied, copied.with_name("again.otio"), DEBUG, load=never)
    assert [(cue.take, cue.reused) for cue in again.cues] == [(1, True)]


def test_a_copy_finds_its_sidecar_in_the_folders_that_are_searched(
    copied: Path, tmp_path: Path
) -> None:
    export = tmp_path / "desktop" / "export.fcpxml"
    export.parent.mkdir()
    copied.rename(export)
    (warning,) = read_cut(export, Settings()).warnings
    assert "R1_1m1_t01.wav is music of ours, but no sidecar" in warning
    searched = Settings().with_changes({"media": {"media_dirs": (copied.parent,)}})
    found = read_cut(export, searched)
    assert any(is_score_clip(clip) for clip in found.timeline.find_clips())
    assert found.warnings == ()


def test_other_sound_of_the_name_of_a_take_is_the_editors(copied: Path, tmp_path: Path) -> None:
    (tmp_path / "library" / WAV.name).write_bytes(b"RIFF\4\0\0\0WAVE")
    found = read_cut(copied, Settings())
    assert not any(is_score_clip(clip) for clip in found.timeline.find_clips())
    assert found.warnings == ()
