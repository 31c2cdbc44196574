"""Cues from their drafts: options merged, files found, what is seen and wished listed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from otio_hpm.errors import MaestroError, MarkError, SketchError
from otio_hpm.settings import MusicSettings
from otio_hpm.timeline.cue import Cue, CueOptions, MaestroReference, Shot
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.grouping import Draft
from otio_hpm.timeline.maestro import MaestroSearch
from otio_hpm.timeline.marks import describe
from otio_hpm.timeline.named_files import AdapterSearch, SketchSearch
from otio_hpm.timeline.numbering import reel_label, reel_of
from otio_hpm.timeline.shots import VisibleShots, shot_of
from otio_hpm.timeline.wishes import WishFinder

Found = TypeVar("Found")


class CueMaker:
    """Makes the cues of one timeline.

    Raises MaestroError and SketchError for what the run names.
    """

    def __init__(
        self,
        cut: Cut,
        music: MusicSettings,
        visible: VisibleShots,
        wishes: WishFinder,
        maestros: MaestroSearch,
        sketches: SketchSearch,
        adapters: AdapterSearch,
    ) -> None:
        self._reel = reel_of(cut.timeline.name or "")
        self._music = music
        self._visible = visible
        self._wishes = wishes
        self._maestros = maestros
        self._sketches = sketches
        self._adapters = adapters
        self._run_maestro = maestros.of_run(music.maestro) if music.maestro else None
        self._run_sketch = sketches.of_run(music.sketch) if music.sketch else None
        self._run_lora = adapters.of_run(music.maestro_lora) if music.maestro_lora else None

    def make(self, draft: Draft, number: str, lane: int) -> Cue:
        return Cue(
            number=number,
            reel=reel_label(number, self._reel),
            start_frames=draft.start_frames,
            end_frames=draft.end_frames,
            options=_options(draft.values, self._music),
            marks=tuple(found.mark for found in draft.marks),
            shots=self._shots(draft),
            maestro=self._maestro(draft),
            sketch=self._sketch(draft),
            lora=self._lora(draft),
            note="; ".join(dict.fromkeys(f.mark.note for f in draft.marks if f.mark.note)),
            hits_frames=self._wishes.hits(draft),
            levels=self._wishes.levels(draft),
            lane=lane,
        )

    def _shots(self, draft: Draft) -> tuple[Shot, ...]:
        """The shots seen under the cue, and marked clips that are not seen (sound, or covered)."""
        start, end = draft.start_frames, draft.end_frames
        seen = [
            (shot.place, shot.start_frames, shot.end_frames)
            for shot in self._visible.under(start, end)
        ]
        shown = {place.locator for place, _, _ in seen}
        seen += [
            (found.place, start, end)
            for found in draft.marks
            if found.place.is_clip and found.place.locator not in shown
        ]
        shots = {
            shot_of(place, max(start, first), min(end, last)): None for place, first, last in seen
        }
        return tuple(sorted(shots, key=lambda shot: shot.start_frames))

    def _maestro(self, draft: Draft) -> MaestroReference | None:
        if "maestro" not in draft.values:
            return self._run_maestro
        return _named(draft, "maestro", self._maestros.of_mark)

    def _sketch(self, draft: Draft) -> Path | None:
        if "sketch" not in draft.values:
            return self._run_sketch
        return _named(draft, "sketch", self._sketches.of_mark)

    def _lora(self, draft: Draft) -> Path | None:
        if "lora" not in draft.values:
            return self._run_lora
        return _named(draft, "lora", self._adapters.of_mark)


def _named(draft: Draft, key: str, find: Callable[[str], Found]) -> Found:
    """What a key of a draft's marks names; MarkError says which mark it is."""
    try:
        return find(draft.values[key])
    except (MaestroError, SketchError) as error:
        naming = next(found.mark for found in draft.marks if key in found.values)
        raise MarkError(f"{describe(naming)}: {error.message}", hint=error.hint) from error


def _options(values: dict[str, Any], music: MusicSettings) -> CueOptions:
    """The cue's own settings over the run's; with baked fades there are no handles."""
    return CueOptions(
        style=values.get("style", music.style),
        strength=values.get("strength", music.strength),
        seed=values.get("seed"),
        loudness_lufs=values.get("loudness", music.loudness_lufs),
        gain_db=values.get("gain", music.gain_db),
        fade_in_s=values.get("fade_in", music.fade_in_s),
        fade_out_s=values.get("fade_out", music.fade_out_s),
        handles_s=music.handles_s * 0
        if music.bake_fades
        else values.get("handles", music.handles_s),
    )
