"""Final Cut Pro's own transitions, as its files name them.

An effect is known by its `uid`: its name is in the language of the program, and may be changed.
"""

from __future__ import annotations

CROSS_DISSOLVE = {
    "name": "Cross Dissolve",
    "uid": "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265",
}
AUDIO_CROSSFADE = {"name": "Audio Crossfade", "uid": "FFAudioTransition"}
