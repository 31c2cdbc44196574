"""Reads scored timelines back by other means than the package's own, and says what is wrong.

    python tests/readback.py OUT.otio [--input IN.otio]

prints what was found under each cue; nothing of the package is imported.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import wave
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from pathlib import Path

import soundfile
from plain_sound import (
    RATE,
    WavFacts,
    ffmpeg_meter,
    integrated_lufs,
    longest_silence_s,
    range_db,
    true_peak_dbtp,
    wav_facts,
)
from plain_timeline import (
    KEY,
    Json,
    active_media,
    differences,
    exact_rate,
    is_ours,
    kind_of,
    load,
    located,
    our_tracks,
    path_of,
    seconds,
    starts_of,
)
from wavinfo import WavInfoReader


@dataclass(frozen=True, kw_only=True)
class CueReading:
    """One cue as it was found."""

    cue: str
    wav: str
    record: str
    """Record frames, in and out, from the timeline's first."""
    samples: int
    expected_samples: int
    """By the clip's available range, rounded once from exact time."""
    time_reference: int
    lufs: float
    """BS.1770-4 of the cue without its handles."""
    ffmpeg_lufs: float
    target: float
    dbtp: float
    """True peak of the whole file, the higher of two meters."""
    range_db: float
    """Loudest less softest second of the cue."""
    silence_s: float
    """Longest time inside the cue with nothing above -60 dBFS."""
    problems: tuple[str, ...]
    """What is not as it must be."""


def read_back(output: Path) -> list[CueReading]:
    """Every clip on our tracks of a timeline, in order."""
    document = load(output)
    return [
        _cue(document, track, index, output)
        for track in our_tracks(document)
        for index, child in enumerate(track["children"])
        if kind_of(child) == "Clip"
    ]


def _cue(document: Json, track: Json, index: int, output: Path) -> CueReading:
    clip = track["children"][index]
    facts, reference = clip["metadata"][KEY], active_media(clip)
    wav = path_of(reference["target_url"])
    sidecar = json.loads((output.parent / facts["sidecar"]).read_text("utf-8"))
    shown, extent = clip["source_range"], reference["available_range"]
    first = _samples(seconds(shown["start_time"]) - seconds(extent["start_time"]))
    last = first + _samples(seconds(shown["duration"]))
    options = sidecar["cue"]["options"]
    target = Fraction(options["loudness_lufs"]) + Fraction(options["gain_db"])
    stored, sound = wav_facts(wav), soundfile.read(wav, always_2d=True)[0].T
    inside = sound[:, first:last]
    reading = CueReading(
        cue=facts["cue"],
        wav=wav.name,
        record=f"{facts['record_start_frames']}-{facts['record_end_frames']}",
        samples=stored.samples,
        expected_samples=_samples(seconds(extent["duration"])),
        time_reference=stored.time_reference,
        lufs=integrated_lufs(inside),
        ffmpeg_lufs=ffmpeg_meter(wav, first, last)[0],
        target=float(target),
        dbtp=max(true_peak_dbtp(sound), ffmpeg_meter(wav)[1]),
        range_db=range_db(inside),
        silence_s=longest_silence_s(inside),
        problems=(),
    )
    problems = [
        *_heard(reading),
        *_stored(stored, wav, extent, document),
        *_placed(document, track, index),
        *_faded(track, index),
        *_linked(document, clip, wav, sidecar),
    ]
    return replace(reading, problems=tuple(problems))


def _heard(reading: CueReading) -> Iterator[str]:
    """What is wrong with the sound."""
    for name, value in (("loudness", reading.lufs), ("FFmpeg's loudness", reading.ffmpeg_lufs)):
        if not abs(value - reading.target) <= 0.5:
            yield f"{name} {value:.2f} LUFS is not {reading.target:g}"
    if not reading.dbtp <= -1.0:
        yield f"true peak {reading.dbtp:.2f} dBTP"
    if reading.silence_s > 0.5:
        yield f"silent for {reading.silence_s:.2f} s"


def _stored(stored: WavFacts, wav: Path, extent: Json, document: Json) -> Iterator[str]:
    """What is wrong with the file, against the range that the clip gives it."""
    if (stored.format_tag, stored.sample_rate, stored.bits) != (1, RATE, 24):
        yield f"format {stored.format_tag}, {stored.sample_rate} Hz, {stored.bits} bit"
    if stored.samples != _samples(seconds(extent["duration"])):
        yield f"{stored.samples} samples for {seconds(extent['duration'])} s"
    start = seconds(extent["start_time"])
    if stored.time_reference != _samples(start) or start < 0:
        yield f"TimeReference {stored.time_reference} for {start} s"
    if stored.timecode_rate != exact_rate(extent["start_time"]):
        yield f"iXML says {stored.timecode_rate} frames a second"
    with wave.open(str(wav)) as file:
        plain = (file.getnframes(), file.getframerate(), file.getsampwidth(), file.getnchannels())
    if plain != (stored.samples, RATE, 3, stored.channels):
        yield f"the standard library reads {plain}"
    other = WavInfoReader(str(wav))
    found = other.bext.time_reference, other.data.frame_count
    if found != (stored.time_reference, stored.samples):
        yield f"wavinfo reads {found}"
    if exact_rate(document["global_start_time"]) != stored.timecode_rate:
        yield "the timeline has another rate"


def _placed(document: Json, track: Json, index: int) -> Iterator[str]:
    """Whether record position, source time and what metadata say are one and the same."""
    clip = track["children"][index]
    facts, shown = clip["metadata"][KEY], clip["source_range"]
    extent = active_media(clip)["available_range"]
    rate = exact_rate(shown["start_time"])
    zero, place = seconds(document["global_start_time"]), starts_of(track)[index]
    length = seconds(shown["duration"])
    if seconds(shown["start_time"]) != zero + place:
        yield f"stands at {zero + place} s and shows {seconds(shown['start_time'])} s"
    noted = facts["record_start_frames"], facts["record_end_frames"]
    if (place * rate, (place + length) * rate) != noted:
        yield f"stands at frame {place * rate} for {length * rate}"
    head = seconds(shown["start_time"]) - seconds(extent["start_time"])
    tail = seconds(extent["duration"]) - head - length
    if min(head, tail) < 0 or (head * rate).denominator != 1 or (tail * rate).denominator != 1:
        yield f"handles of {head} s and {tail} s"


def _faded(track: Json, index: int) -> Iterator[str]:
    """Fades are transitions against gaps, or Resolve's faders, as long as the metadata say."""
    children, clip = track["children"], track["children"][index]
    fades, rate = clip["metadata"][KEY]["fades"], exact_rate(clip["source_range"]["start_time"])
    sides = {"in_s": (-1, "out_offset", "in_offset"), "out_s": (1, "in_offset", "out_offset")}
    for name, (step, inside, outside) in sides.items():
        wanted = 0 if fades["baked"] else Fraction(fades[name]).limit_denominator(RATE)
        fade, beyond = (_child(children, index + step * distance) for distance in (1, 2))
        if fade is None or kind_of(fade) != "Transition":
            touches = fade is not None and kind_of(fade) == "Clip"
            in_fader = _fader_frames(clip, name) == max(1, round(wanted * rate))
            if wanted and not touches and not in_fader:
                yield f"has no transition for its fade {name.removesuffix('_s')}"
        elif (beyond is None or kind_of(beyond) == "Gap") and (
            (seconds(fade[inside]), seconds(fade[outside])) != (wanted, 0)
        ):
            yield f"fades {name.removesuffix('_s')} for {seconds(fade[inside])} s, not {wanted}"


def _fader_frames(clip: Json, name: str) -> float | None:
    """Length of the fader that Resolve has at one end of a clip; None where there is none."""
    wanted = {"in_s": "faderIn", "out_s": "faderOut"}[name]
    told = (effect["metadata"].get("Resolve_OTIO", {}) for effect in clip["effects"])
    parameters = (p for facts in told for p in facts.get("Parameters", ()))
    return next((p["Parameter Value"] for p in parameters if p["Parameter ID"] == wanted), None)


def _linked(document: Json, clip: Json, wav: Path, sidecar: Json) -> Iterator[str]:
    """Clip, file, sidecar, shots and marks name each other."""
    facts, digest = clip["metadata"][KEY], hashlib.sha256(wav.read_bytes()).hexdigest()
    reference = active_media(clip)["metadata"][KEY]
    if {digest} != {sidecar["audio"]["sha256"], reference["sha256"]}:
        yield "its checksum is not that of the file"
    for name, written in ((sidecar["sketch"] or {}).get("files") or {}).items():
        saved = wav.with_name(name)
        if not saved.is_file() or hashlib.sha256(saved.read_bytes()).hexdigest() != written:
            yield f"its sketch {name} is not there as it was written"
    if not clip["name"] == wav.name == sidecar["audio"]["file"]:
        yield f"is named {clip['name']}, its sidecar's file {sidecar['audio']['file']}"
    if (facts["cue"], facts["fingerprint"]) != (sidecar["cue"]["number"], sidecar["fingerprint"]):
        yield "is not the cue of its sidecar"
    if not facts["shots"] or len(facts["shots"]) != len(sidecar["shots"]):
        yield f"{len(facts['shots'])} shots, {len(sidecar['shots'])} in its sidecar"
    if all(is_ours(track) for track in document["tracks"]["children"]):
        return  # music alone: shots and marks are on the editor's timeline
    for shot in facts["shots"]:
        if located(document, shot["locator"])["name"] != shot["name"]:
            yield f"shot {shot['name']} is not at {shot['locator']}"
    for mark in facts["marks"]:
        marker = located(document, mark["locator"])
        linked = marker["metadata"].get(KEY, {})
        if (linked.get("clip"), linked.get("cue")) != (clip["name"], facts["cue"]):
            yield f"mark {marker['name']!r} does not lead back"


def _samples(time: Fraction) -> int:
    return round(time * RATE)


def _child(children: list[Json], index: int) -> Json | None:
    return children[index] if 0 <= index < len(children) else None


def main() -> int:
    """Print a table; 1 where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--input", type=Path)
    chosen = parser.parse_args()
    readings = read_back(chosen.output)
    names = [field.name for field in fields(CueReading)][:-1]
    rows = [names, *([_cell(getattr(reading, name)) for name in names] for reading in readings)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    wrong = [f"{reading.cue} {problem}" for reading in readings for problem in reading.problems]
    wrong += differences(chosen.input, chosen.output) if chosen.input else []
    print("\n".join(wrong) or "nothing wrong")
    return 1 if wrong or not readings else 0


def _cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
