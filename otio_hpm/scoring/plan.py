"""From cues to files: windows, seeds, handles, names, and what need not be rendered again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from otio_hpm.model.config import ModelConfig
from otio_hpm.model.windows import WindowPlan, plan_windows
from otio_hpm.scoring import names
from otio_hpm.scoring.fingerprint import fingerprint, seed_of
from otio_hpm.scoring.pictures import picture_of, with_handles
from otio_hpm.scoring.sidecar import finished_take, sidecar_of
from otio_hpm.scoring.sketch_files import is_free
from otio_hpm.scoring.sketches import given_sketch, remarks
from otio_hpm.settings import MusicSettings, Settings
from otio_hpm.timeline.cue import Cue, IgnoredMark
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.picture import MissingMedia, Picture
from otio_hpm.timing import frames_to_samples

if TYPE_CHECKING:
    from otio_hpm.sketch.model import Sketch


@dataclass(frozen=True, kw_only=True)
class CuePlan:
    """One cue, ready to be rendered or found rendered already."""

    cue: Cue
    picture: Picture
    """What is seen under the cue and its handles."""
    head_frames: int
    """Handle before the cue's in."""
    tail_frames: int
    """Handle after its out."""
    samples: int
    """Length of the audio file."""
    head_samples: int
    """Where the cue's in falls in the file."""
    cue_samples: int
    """Length of the cue alone."""
    time_reference_samples: int
    """Record position of the file's first sample, counted from timecode zero."""
    windows: WindowPlan
    """The model's windows, over the whole file."""
    seed: int
    fingerprint: str
    """Digest of everything that decides the audio."""
    sketch: Sketch | None
    """The sketch that was given, if it is followed."""
    warnings: tuple[str, ...]
    """What a user should know of picture and sketch."""
    take: int
    wav: Path
    """Where the audio is, or will be."""
    reuse: bool
    """The take is there and nothing that decides it has changed."""

    @property
    def start_frames(self) -> int:
        """Record frame of the file's first sample."""
        return self.cue.start_frames - self.head_frames

    @property
    def end_frames(self) -> int:
        """Record frame at which the file ends."""
        return self.cue.end_frames + self.tail_frames

    @property
    def sidecar(self) -> Path:
        """The JSON beside the audio."""
        return sidecar_of(self.wav)


@dataclass(frozen=True, kw_only=True)
class SkippedCue:
    """A cue that is left out, and why."""

    number: str
    timecode: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ScorePlan:
    """Everything that scoring will do, before any of it is done."""

    cut: Cut
    finder: MediaFinder
    """Knows the media that were looked for."""
    output: Path
    """The .otio that will be written."""
    outputs: tuple[Path, ...]
    """All timelines that will be written, in order."""
    audio_folder: Path
    settings: Settings
    config: ModelConfig
    model_checksum: str
    cues: tuple[CuePlan, ...]
    skipped: tuple[SkippedCue, ...]
    ignored: tuple[IgnoredMark, ...]
    warnings: tuple[str, ...]

    @property
    def to_render(self) -> tuple[CuePlan, ...]:
        """The cues whose take is not there yet."""
        return tuple(planned for planned in self.cues if not planned.reuse)


@dataclass(frozen=True, kw_only=True)
class Planner:
    """What planning a cue needs besides the cue."""

    cut: Cut
    finder: MediaFinder
    folder: Path
    """Where new takes go."""
    earlier: Mapping[str, Sequence[Path]]
    """Per cue number, audio files that the timeline refers to, wherever they are."""
    config: ModelConfig
    model_checksum: str
    settings: Settings

    def plan(self, cue: Cue) -> CuePlan | SkippedCue:
        """Lengths, seed, names and reuse of one cue. Raises MediaError and SketchError."""
        head, tail = handles_of(cue, self.cut, self.settings)
        where = (self.cut, self.finder, self.settings)
        try:
            picture = picture_of(self.cut, cue.start_frames, cue.end_frames, *where[1:])
        except MissingMedia as error:
            if self.settings.media.missing != "skip":
                raise
            timecode = self.cut.timecode(cue.start_frames)
            return SkippedCue(number=cue.number, timecode=timecode, reason=error.message)
        return self._planned(cue, with_handles(picture, head, tail, *where), head, tail)

    def _planned(self, cue: Cue, picture: Picture, head: int, tail: int) -> CuePlan:
        rate = self.cut.rate
        start, end = cue.start_frames - head, cue.end_frames + tail
        samples = frames_to_samples(end - start, rate)
        seed = seed_of(cue, self.settings)
        digest = fingerprint(
            cut=self.cut,
            cue=cue,
            picture=picture,
            head_frames=head,
            tail_frames=tail,
            seed=seed,
            model_checksum=self.model_checksum,
            settings=self.settings,
        )
        take, wav, reuse = _take(cue, self.folder, self.earlier.get(cue.number, ()), digest)
        sketch = given_sketch(cue)
        return CuePlan(
            cue=cue,
            picture=picture,
            head_frames=head,
            tail_frames=tail,
            samples=samples,
            head_samples=frames_to_samples(head, rate),
            cue_samples=frames_to_samples(cue.end_frames - cue.start_frames, rate),
            time_reference_samples=frames_to_samples(self.cut.start_frames + start, rate),
            windows=windows_of(samples, self.config, self.settings.music),
            seed=seed,
            fingerprint=digest,
            sketch=sketch,
            warnings=(*picture.warnings, *remarks(cue, self.cut, sketch)),
            take=take,
            wav=wav,
            reuse=reuse,
        )


def handles_of(cue: Cue, cut: Cut, settings: Settings) -> tuple[int, int]:
    """Frames of music before and after a cue; record timecode never falls below zero."""
    if settings.music.bake_fades:
        return 0, 0
    wished = round(cue.options.handles_s * cut.rate)
    return max(0, min(wished, cut.start_frames + cue.start_frames)), wished


def windows_of(samples: int, config: ModelConfig, music: MusicSettings) -> WindowPlan:
    """The model's windows for a file of `samples` at 48 kHz.

    Raises SettingsError where they do not fit the model.
    """
    own = config.own_samples(samples)
    return plan_windows(own, config, music.window_s, music.overlap_s)


def _take(cue: Cue, folder: Path, earlier: Iterable[Path], digest: str) -> tuple[int, Path, bool]:
    """Number and path of the newest take with this digest, else of the next one."""
    stem = names.stem(cue.reel, cue.number)
    takes = [*names.takes_among(names.files_in(folder), stem), *names.takes_among(earlier, stem)]
    for number, wav in sorted(takes, key=lambda take: -take[0]):
        if finished_take(wav, digest):
            return number, wav, True
    number = max((number for number, _ in takes), default=0) + 1
    while not is_free(folder / names.wav_name(stem, number), digest):
        number += 1
    return number, folder / names.wav_name(stem, number), False
