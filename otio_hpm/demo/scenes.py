"""The demo film's plan: its camera rolls and how they are cut together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from otio_hpm.demo import day, night, pursuit, sound
from otio_hpm.demo.canvas import Painter
from otio_hpm.demo.sound import Recorder
from otio_hpm.demo.theme import THEME_NAME

FPS = 24
HANDLE_FRAMES = FPS
"""Media beyond what any cut shows, at both ends of each roll."""
DISSOLVE_FRAMES = FPS
"""Length of the dissolve, half before and half after the cut."""


@dataclass(frozen=True, kw_only=True)
class Roll:
    """One source media file."""

    name: str
    """File name without extension."""
    seconds: int
    """Length of the media with handles."""
    start_frames: int
    """Its own start timecode, as a frame number."""
    scene: Callable[[], Painter]
    record: Recorder


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One clip of the cut."""

    name: str
    roll: Roll
    in_frames: int
    """First frame shown, counted from the roll's first."""
    frames: int
    mark: str = ""
    """Text of the clip's mark; empty without one."""
    wishes: tuple[tuple[str, int], ...] = ()
    """Hit points and levels: text, and frame of the roll."""
    dissolve: bool = False
    """Whether it dissolves from the clip before."""


def _roll(
    number: int, name: str, seconds: int, scene: Callable[[], Painter], record: Recorder
) -> Roll:
    """Roll A001 starts at 10:01:00:00, and so on."""
    return Roll(
        name=f"A{number:03d}_{name}",
        seconds=seconds,
        start_frames=(10 * 60 + number) * 60 * FPS,
        scene=scene,
        record=record,
    )


LIGHTHOUSE = _roll(1, "lighthouse", 9, night.lighthouse, sound.sea)
LAMP = _roll(2, "lamp", 7, night.lamp, sound.room)
SUNRISE = _roll(3, "sunrise", 11, day.sunrise, sound.morning)
MEADOW = _roll(4, "meadow", 8, day.meadow, sound.field)
WALK = _roll(5, "walk", 8, day.walk, sound.ridge)
FOREST = _roll(6, "forest", 8, pursuit.forest, sound.wood)
RUNNER = _roll(7, "runner", 6, pursuit.runner, sound.flight)
TORCHES = _roll(8, "torches", 5, pursuit.torches, sound.flames)
FEET = _roll(9, "feet", 4, pursuit.feet, sound.splashes)
KITES = _roll(10, "kites", 8, day.kites, sound.gusts)
SNOW = _roll(11, "snow", 8, night.snow, sound.silence)
ROLLS = (LIGHTHOUSE, LAMP, SUNRISE, MEADOW, WALK, FOREST, RUNNER, TORCHES, FEET, KITES, SNOW)


def _whole(
    name: str,
    roll: Roll,
    mark: str = "",
    dissolve: bool = False,
    wishes: tuple[tuple[str, int], ...] = (),
) -> Edit:
    """All of a roll but its handles."""
    return Edit(
        name=name,
        roll=roll,
        in_frames=HANDLE_FRAMES,
        frames=roll.seconds * FPS - 2 * HANDLE_FRAMES,
        mark=mark,
        wishes=wishes,
        dissolve=dissolve,
    )


CHASE: tuple[Edit, ...] = (
    Edit(name="chase_1", roll=RUNNER, in_frames=24, frames=36),
    Edit(name="chase_2", roll=TORCHES, in_frames=24, frames=30),
    Edit(name="chase_3", roll=RUNNER, in_frames=66, frames=24),
    Edit(name="chase_4", roll=FEET, in_frames=24, frames=18),
    Edit(name="chase_5", roll=TORCHES, in_frames=60, frames=18),
    Edit(name="chase_6", roll=RUNNER, in_frames=96, frames=18),
    Edit(name="chase_7", roll=FEET, in_frames=50, frames=12),
    Edit(name="chase_8", roll=TORCHES, in_frames=80, frames=12),
)
"""Shots that get shorter; one marker of the timeline asks for music under all of them."""
CHASE_MARK = "SCORE chase, relentless"
EDITS: tuple[Edit, ...] = (
    _whole("lighthouse", LIGHTHOUSE, "SCORE slow and dark, alone at sea"),
    _whole(
        "lamp",
        LAMP,
        "SCORE loudness=-26 seed=11 uneasy, the lamp fails",
        wishes=tuple(("HIT lightning", ceil(bolt * FPS)) for bolt in night.LIGHTNING_S),
    ),
    _whole(
        "sunrise", SUNRISE, f"SCORE maestro={THEME_NAME} strength=0.9 fade_out=2 the theme", True
    ),
    _whole("meadow", MEADOW),
    _whole(
        "walk",
        WALK,
        "SCORE cue=1m4 walking, then less at ease",
        wishes=(("LEVEL -6", HANDLE_FRAMES),),
    ),
    _whole(
        "forest",
        FOREST,
        "SCORE cue=1m4",
        wishes=(("LEVEL +6", FOREST.seconds * FPS - HANDLE_FRAMES - 1),),
    ),
    *CHASE,
    _whole("kites", KITES, "SCORE gain=1 bright and fast, a dance"),
    _whole("snow", SNOW),
)
"""The picture track. Meadow and snow stay without music."""
