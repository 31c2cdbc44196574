"""Placing takes on our tracks: what is stale gives way, what an editor changed stays."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.score_tracks import Placed, ScoreTrack, add_score_track, score_tracks
from otio_hpm.timeline.takes import Take, clip_of, facts_of, url_of


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
    settled: bool
    """The take is on the timeline already; nothing is to be done."""
    track: str = ""
    """Where its clip is."""

    @property
    def outcome(self) -> str:
        """One word: kept, unchanged, replaced or added."""
        if self.kept:
            return "kept"
        if self.settled:
            return "unchanged"
        return "replaced" if self.stale else "added"

    def sentence(self) -> str:
        """The same for the user."""
        number, take = self.take.cue.number, f"take {self.take.take}"
        if self.kept:
            where = ", ".join(dict.fromkeys(placed.track.name for placed in self.kept))
            stays = f"{number}: its clip on {where} was {', '.join(self.edits)} and is kept"
            return stays if self.settled else f"{stays}; {take} is on {self.track}"
        if self.settled:
            return f"{number}: {take} on {self.track} is unchanged"
        if self.stale:
            before = facts_of(self.stale[0].clip).get("take")
            return f"{number}: {take} on {self.track} replaces take {before}"
        return f"{number}: {take} is on {self.track}"


def place_takes(
    timeline: Any, cut: Cut, takes: Sequence[Take], output: Path
) -> tuple[list[Placement], list[str]]:
    """Put takes on our tracks of a copy of `cut`'s timeline; also the names of new tracks.

    Takes come by lane, so that the first tracks are made first.
    """
    tracks = score_tracks(timeline, cut)
    before = len(tracks)
    decided = [_decide(take, tracks) for take in takes]
    for placement in decided:
        for stale in () if placement.settled else placement.stale:
            stale.track.lift(stale)
    done = [_done(placement, timeline, tracks, cut, output) for placement in decided]
    for track in tracks:
        track.finish()
    return done, [track.name for track in tracks[before:]]


def _decide(take: Take, tracks: list[ScoreTrack]) -> Placement:
    clips = [clip for track in tracks for clip in track.clips() if clip.number == take.cue.number]
    edits = {id(clip): clip.touches() for clip in clips}
    kept = tuple(clip for clip in clips if edits[id(clip)])
    stale = tuple(clip for clip in clips if not edits[id(clip)])
    heard = [clip for clip in kept if clip.fingerprint == take.fingerprint]
    current = [clip for clip in stale if _is_current(clip, take)]
    return Placement(
        take=take,
        stale=stale,
        kept=kept,
        edits=tuple(dict.fromkeys(words for clip in kept for words in edits[id(clip)])),
        settled=bool(current) or bool(heard and not stale),
        track=current[0].track.name if current else "",
    )


def _is_current(placed: Placed, take: Take) -> bool:
    """Whether a clip as we wrote it plays this very take where it belongs."""
    return (
        placed.fingerprint == take.fingerprint
        and url_of(placed.clip) == take.wav.absolute().as_uri()
        and placed.stands_at(take.cue.start_frames, take.cue.end_frames)
    )


def _done(
    placement: Placement, timeline: Any, tracks: list[ScoreTrack], cut: Cut, output: Path
) -> Placement:
    if placement.settled:
        return placement
    track = _track_for(placement, tracks)
    if track is None:
        track = add_score_track(timeline, cut, _new_lane(placement.take.cue.lane, tracks))
        tracks.append(track)
    clips = [placed.clip for placed in (*placement.kept, *placement.stale)]
    cue = placement.take.cue
    clip = clip_of(placement.take, cut, output, clips)
    track.place(clip, cue.start_frames, cue.end_frames)
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
