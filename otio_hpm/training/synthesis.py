"""Sound of composed scores: a General MIDI soundfont, a room and the level of the arousal curve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from otio_hpm.errors import ModelError
from otio_hpm.sketch.model import TICK_SAMPLES
from otio_hpm.timing import SAMPLE_RATE
from otio_hpm.training import orchestration as gm
from otio_hpm.training.affect import FPS
from otio_hpm.training.notes import TICKS, Note

CLIP_SAMPLES = TICKS * TICK_SAMPLES
_PRE_ROLL_TICKS = 16
_START = _PRE_ROLL_TICKS * TICK_SAMPLES
DRY_SAMPLES = _START + CLIP_SAMPLES
"""A clip's sound with the pre-roll before it, in which music may already be under way."""
_RELEASE_TICKS = 16
_HOP = 512
_RANGE_DB = 22.0
ROOMS = 4
_WET = 0.18
_PART_RMS = 0.06
"""Amplitude (RMS) to which every program is trimmed at full velocity."""

_SOUNDFONTS = (
    Path("/usr/share/sounds/sf3/FluidR3Mono_GM.sf3"),
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/soundfonts/FluidR3_GM.sf2"),
    Path("/usr/local/share/sounds/sf2/FluidR3_GM.sf2"),
)


class _Event(NamedTuple):
    """A note that begins or ends; events sort as they are played."""

    tick: int
    is_begin: bool
    """At one tick, notes end before others begin."""
    channel: int
    key: int
    velocity: float
    """0..1."""


def find_soundfont(explicit: Path | None = None) -> Path:
    """A General MIDI soundfont: `explicit`, or FluidR3 where systems keep it.

    Raises ModelError where there is none.
    """
    for path in (explicit,) if explicit else _SOUNDFONTS:
        if path.is_file():
            return path
    raise ModelError(
        f"Soundfont {explicit} does not exist." if explicit else "No General MIDI soundfont found.",
        hint="Install Debian's fluidr3mono-gm-soundfont, or name a soundfont file.",
    )


class Synth:
    """Renders notes with one soundfont; programs are trimmed to one loudness."""

    def __init__(self, soundfont: Path) -> None:
        """Load and calibrate; about a second.

        Raises ModelError if it is no soundfont, or the extra "train" is not installed.
        """
        try:
            # The package's own Synth only renders stereo; its extension also renders mono.
            from tinysoundfont import _tinysoundfont as extension
        except ImportError as error:
            raise ModelError(
                "tinysoundfont is not installed.", hint="pip install 'otio-hpm[train]'"
            ) from error
        try:
            self._font: Any = extension.SoundFont(str(soundfont))
        except RuntimeError as error:
            raise ModelError(
                f"{soundfont} is not a soundfont.", hint="Name an .sf2 or .sf3 file."
            ) from error
        self._font.set_output(extension.OutputMode.Mono, SAMPLE_RATE, 0.0)
        self._font.set_max_voices(192)
        self._trims = {program: self._calibrate(program) for program in gm.RANGES}
        length = CLIP_SAMPLES + _PRE_ROLL_TICKS * TICK_SAMPLES + 2 * SAMPLE_RATE
        self._fft_size = fft.next_fast_len(length, real=True)
        self._rooms = [self._room(index) for index in range(ROOMS)]

    def render(self, notes: Sequence[Note]) -> NDArray[np.float32]:
        """Dry sound of the notes with the pre-roll before them, (DRY_SAMPLES,) mono 48 kHz."""
        audio = np.zeros(DRY_SAMPLES, np.float32)
        if not notes:
            return audio
        self._quiet()
        events = _events(notes, self._assign(notes))
        done = _sample(events[0].tick)
        for event in events:
            at = _sample(event.tick)
            self._render(audio[done:at])
            self._tell(event)
            done = at
        self._render(audio[done : _sample(events[-1].tick + _RELEASE_TICKS)])
        return audio

    def in_room(self, dry: NDArray[np.float32], room: int) -> NDArray[np.float32]:
        """The clip's samples after the pre-roll, with a light reverberation."""
        spectrum = fft.rfft(dry, self._fft_size)
        spectrum *= self._rooms[room]
        wet = fft.irfft(spectrum, self._fft_size)
        return np.asarray(wet[_START : _START + CLIP_SAMPLES], np.float32)

    def _assign(self, notes: Sequence[Note]) -> dict[int, int]:
        """A channel for each program, without the drum channel, at its trimmed volume."""
        programs = sorted({note.program for note in notes})
        channels = {program: index + (index >= 9) for index, program in enumerate(programs)}
        for program, channel in channels.items():
            self._font.channel_set_bank(channel, 0)
            self._font.channel_set_preset_number(channel, program, False)
            self._font.channel_set_volume(channel, self._trims[program])
        return channels

    def _tell(self, event: _Event) -> None:
        if event.is_begin:
            self._font.channel_note_on(event.channel, event.key, event.velocity)
        else:
            self._font.channel_note_off(event.channel, event.key)

    def _quiet(self) -> None:
        """End every voice, so that a clip never depends on the one before it."""
        for channel in range(32):
            self._font.channel_sounds_off(channel)
        self._render(np.zeros(1024, np.float32))

    def _render(self, audio: NDArray[np.float32]) -> None:
        """Fill a contiguous piece of sound."""
        if audio.size:
            self._font.render(audio.view(np.uint8).data, False)

    def _calibrate(self, program: int) -> float:
        """Channel volume that gives a middle note of the program the common loudness."""
        low, high = gm.RANGES[program]
        self._font.channel_set_bank(0, 0)
        self._font.channel_set_preset_number(0, program, False)
        self._font.channel_set_volume(0, 1.0)
        powers = []
        for key in ((2 * low + high) // 3, (low + 2 * high) // 3):
            self._quiet()
            audio = np.zeros(SAMPLE_RATE // 2, np.float32)
            self._font.channel_note_on(0, key, 1.0)
            self._render(audio)
            powers.append(float(np.mean(audio.astype(np.float64) ** 2)))
        return float(np.clip(_PART_RMS / np.sqrt(np.mean(powers) + 1e-9), 0.1, 4.0))

    def _room(self, index: int) -> NDArray[np.complex64]:
        """Spectrum of a direct sound and seeded decaying noise, 1.2 to 2 s to -60 dB.

        Noise that decays exponentially is the diffuse tail of a hall (Moorer 1979, About This
        Reverberation Business).
        """
        rng = np.random.default_rng([77, index])
        decay_s = 1.2 + 0.8 * index / (ROOMS - 1)
        time = np.arange(int(decay_s * SAMPLE_RATE)) / SAMPLE_RATE
        tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / decay_s)
        # A hall swallows the highs.
        tail = np.convolve(tail, np.hanning(14) / np.hanning(14).sum())[: len(time)]
        tail[: int(0.012 * SAMPLE_RATE)] = 0.0
        tail *= 2.2 * _WET / np.sqrt(np.sum(tail**2))
        tail[0] = 1.0
        return np.asarray(fft.rfft(tail.astype(np.float32), self._fft_size))


def _events(notes: Iterable[Note], channels: Mapping[int, int]) -> list[_Event]:
    """What a synthesiser is told of notes, in time; `channels` are those of programs."""
    events: list[_Event] = []
    for note in notes:
        channel = channels[note.program]
        events.append(_Event(note.tick, True, channel, note.key, note.velocity / 127))
        events.append(_Event(note.tick + note.ticks, False, channel, note.key, 0.0))
    return sorted(events)


def _sample(tick: int) -> int:
    """First sample of a tick in sound that has the pre-roll before it."""
    return min((tick + _PRE_ROLL_TICKS) * TICK_SAMPLES, DRY_SAMPLES)


def follow_level(
    dry: NDArray[np.float32], arousal: NDArray[np.float32], frames: tuple[int, int]
) -> NDArray[np.float32]:
    """Scale a section's sound in dB with arousal, from -22 dB at 0 to 0 dB at 1.

    Loudness is, beside tempo, what listeners hear arousal in (Gabrielsson & Lindström 2010;
    Dean, Bailes & Schubert 2011, PLoS ONE 6(4)). dry: with pre-roll. arousal: of the clip, at
    10 fps; outside the section's `frames` [from, to) its level is held, so that a last chord rings
    out as loud as it was played. Arousal 0 is silence.
    """
    hops = (np.arange(len(dry) // _HOP + 1) * _HOP - _START) / SAMPLE_RATE * FPS
    felt = np.interp(hops, np.arange(*frames), arousal[slice(*frames)])
    gain = np.where(felt > 0.01, 10 ** (_RANGE_DB * (felt - 1) / 20), 0.0).astype(np.float32)
    ramp = np.linspace(0, 1, _HOP, endpoint=False, dtype=np.float32)
    curve = gain[:-1, None] + (gain[1:] - gain[:-1])[:, None] * ramp
    return dry * curve.reshape(-1)


def limit(audio: NDArray[np.float32], knee: float = 0.65, top: float = 0.89) -> None:
    """Bend what exceeds `knee` towards `top` (-1 dBFS), in place."""
    loud = np.abs(audio) > knee
    if loud.any():
        over = np.abs(audio[loud]) - knee
        audio[loud] = np.sign(audio[loud]) * (knee + (top - knee) * np.tanh(over / (top - knee)))
