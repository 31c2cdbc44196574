"""Placing takes on our tracks: what is stale gives way, what an editor changed stays."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.score_tracks import (
    Placed,
    ScoreTrack,
    add_score_track,
    other_tracks,
    score_tracks,
)
from otio_hpm.timeline.takes import KEY, Take, clip_of, facts_of, facts_text, url_of


@dataclass(frozen=True, kw_only=True)
class Placement:
    """What becomes of one take."""

    take: Take
    stale: tuple[Placed, ...]
    """Clips of the cue as we wrote them, which give way."""
    kept: tuple[Placed, ...]
    """Clips of the cue that an editor changed."""
    edits: tuple[str, ...]
    """What the editor did to those, in words."""
    clip: Any
    """The clip to be placed; None where the timeline has the take already."""
    track: str = ""
    """Where its clip is."""

    @property
    def outcome(self) -> str:
        """One word: kept, unchanged, replaced or added."""
        if self.kept:
            return "kept"
        if self.clip is None:
            return "unchanged"
        return "replaced" if self.stale else "added"

    def sentence(self) -> str:
        """The same for the user."""
        take = f"take {self.take.take}"
        where = ", ".join(dict.fromkeys(placed.track.name for placed in self.kept))
        stays = f"its clip on {where} was {', '.join(self.edits)} and is kept"
        words = {
            "kept": f"{stays}; {take} is on {self.track}" if self.track else stays,
            "unchanged": f"{take} on {self.track} is unchanged",
            "replaced": f"{take} on {self.track} {self._replaces()}",
            "added": f"{take} is on {self.track}",
        }
        return f"{self.take.cue.number}: {words[self.outcome]}"

    def _replaces(self) -> str:
        takes = [facts_of(placed.clip).get("take") for placed in self.stale]
        if takes[:1] == [self.take.take]:
            return "is brought up to date"
        return f"replaces take {', '.join(map(str, takes))}"


def place_takes(
    timeline: Any, cut: Cut, takes: Sequence[Take], output: Path
) -> tuple[list[Placement], list[str]]:
    """Put takes on our tracks of a copy of `cut`'s timeline; also the names of new tracks.

    Takes come by lane, so that the first tracks are made first.
    """
    tracks = score_tracks(timeline, cut)
    before = len(tracks)
    standing: dict[str, list[Placed]] = {}
    everywhere = (*tracks, *other_tracks(timeline, cut))
    for placed in (clip for track in everywhere for clip in track.clips()):
        standing.setdefault(placed.number, []).append(placed)
    decided = [_decide(take, cut, output, standing.get(take.cue.number, [])) for take in takes]
    for placement in decided:
        for stale in placement.stale if placement.clip else ():
            stale.track.lift(stale)
    done = [_done(placement, timeline, tracks, cut) for placement in decided]
    for track in tracks:
        track.finish()
    return done, [track.name for track in tracks[before:]]


def _decide(take: Take, cut: Cut, output: Path, clips: list[Placed]) -> Placement:
    """What becomes of a take, given the clips that its cue has."""
    edits = {id(clip): clip.touches() for clip in clips}
    kept = tuple(clip for clip in clips if edits[id(clip)])
    stale = tuple(clip for clip in clips if not edits[id(clip)])
    wanted = clip_of(take, cut, output, [placed.clip for placed in clips])
    current = [placed for placed in stale if _is_as_wanted(placed, wanted, take)]
    heard = any(placed.fingerprint == take.fingerprint for placed in kept) and not stale
    return Placement(
        take=take,
        stale=stale,
        kept=kept,
        edits=tuple(dict.fromkeys(words for clip in kept for words in edits[id(clip)])),
        clip=None if current or heard else wanted,
        track=current[0].track.name if current else "",
    )


def _is_as_wanted(placed: Placed, wanted: Any, take: Take) -> bool:
    """Whether a clip stands where it belongs, plays the take, and says all that it should.

    What it says is brought up to date where that was lost on the way.
    """
    if url_of(placed.clip) != url_of(wanted) or not placed.stands_at(
        take.cue.start_frames, take.cue.end_frames
    ):
        return False
    if placed.is_restored:
        placed.clip.metadata[KEY] = wanted.metadata[KEY]
        placed.clip.set_media_references(
            {key: found.deepcopy() for key, found in wanted.media_references().items()},
            wanted.active_media_reference_key,
        )
    return facts_text(placed.clip) == facts_text(wanted)


def _done(placement: Placement, timeline: Any, tracks: list[ScoreTrack], cut: Cut) -> Placement:
    """Place the clip of a placement; the placement, with the track that was found."""
    if placement.clip is None:
        return placement
    cue = placement.take.cue
    track = _track_for(placement, tracks)
    if track is None:
        track = add_score_track(timeline, cut, _new_lane(cue.lane, tracks))
        tracks.append(track)
    track.place(placement.clip, cue.start_frames, cue.end_frames)
    return dataclasses.replace(placement, track=track.name)


def _track_for(placement: Placement, tracks: list[ScoreTrack]) -> ScoreTrack | None:
    """The track of the clip that gave way, else the first from the cue's lane on, with room.

    Never the one with a clip of the cue that an editor changed: the two would be mistaken.
    """
    cue = placement.take.cue
    homes = [placed.track for placed in placement.stale]
    taken = [placed.track for placed in placement.kept]
    for track in (*homes, *(track for track in tracks if track.lane >= cue.lane)):
        if track not in taken and track.has_room(cue.start_frames, cue.end_frames):
            return track
    return None


def _new_lane(wanted: int, tracks: list[ScoreTrack]) -> int:
    lanes = {track.lane for track in tracks}
    return wanted if wanted not in lanes else max(lanes) + 1
