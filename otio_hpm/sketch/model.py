"""A sketch: melody and dynamics of one cue, before anybody orchestrates it.

Times count from the cue's in, in samples at 48 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass

FRAME_SAMPLES = 768
"""The model's spectrogram frame; hit points and dynamics are composed on this grid."""
TICK_SAMPLES = 3072
"""The model's latent frame, 64 ms; all other composed notes begin on this grid."""
LOUDEST_DB = -8.0
"""No sketch asks for more level than this, in dB of full scale: peaks need room above it."""
SOFTEST_DB = -70.0
"""Composed levels end here; what lies below is silence to the model."""

LONGEST_SAMPLES = 24 * 3600 * 48_000
"""A file that claims more than a day is wrong."""
MOST_NOTES = 200_000
"""A file with more notes, points or hits is wrong."""


@dataclass(frozen=True, kw_only=True)
class SketchNote:
    """One tone of the melody."""

    start_samples: int
    """First sample, from the cue's in."""
    samples: int
    """Length, at least 1."""
    key: int
    """MIDI key, 0 to 127; 60 is middle C."""

    @property
    def end_samples(self) -> int:
        """One past the last sample."""
        return self.start_samples + self.samples


@dataclass(frozen=True, kw_only=True)
class DynamicsPoint:
    """A level at a moment; between points it moves in a straight line of dB."""

    at_samples: int
    """When, from the cue's in."""
    level_db: float
    """Level in dB of full scale, before any gain or loudness stage."""


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """Melody and dynamics of one cue."""

    samples: int
    """Length of the cue, at least 1."""
    key_name: str
    """Tonic and mode, such as "D minor"; empty where a file does not say."""
    beat_samples: int
    """Length of a quarter note."""
    notes: tuple[SketchNote, ...]
    """The melody: sorted, inside the cue, one note at a time."""
    dynamics: tuple[DynamicsPoint, ...]
    """Sorted; the first and last level hold outwards. Empty: dynamics are not asked for."""
    hits_samples: tuple[int, ...]
    """Moments of picture that the music meets, sorted, inside the cue."""
