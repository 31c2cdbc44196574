"""Files that readers take, damaged at random from a seed, and reading them within limits."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import random
import re
import resource
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import scored_timelines

import otio_hpm
from otio_hpm.errors import HpmError
from otio_hpm.settings import DeliverySettings, ModelSettings, Settings, SpottingSettings
from otio_hpm.timeline.outputs import write

LIMIT_S = 5
"""CPU seconds that one file may take."""
MARKERS = "markers"
"""The kind of a list of markers; other files are of the kind of their suffix."""
KINDS = ("otio", "edl", "fcpxml", "xml", "aaf", "otioz", "otiod", "fcpxmld", MARKERS)
CONTENT = {"otioz": "content.otio", "otiod": "content.otio", "fcpxmld": "Info.fcpxml"}
"""What a bundle holds, by its kind."""
_LONGEST = 4 << 20
"""Bytes that a damaged file may have grown to."""
_NUMBERS = (
    b"0", b"-1", b"1", b"7919", b"0.5", b"-0", b"1e308", b"1e-308", b"1e999999999", b"NaN", b"Inf",
    b"2147483648", b"9223372036854775808", b"9" * 25, b"9" * 5000, b"1/0", b"1/3", b"",
    b"99:99:99:99", b"0x7f", b"1_0", "٣".encode(), b"null", b"[]", b'"', b"true",
)  # fmt: skip
_BITS = (
    b"<", b">", b'"', b"&", b"\0", b"\r", b"\n", b"\t", b" ", b":", b"*", b"-", b"{", b"]", b"|",
    b",", b"\xff\xfe", b"\xc3", b"</", b"<![CDATA[", b"&#0;", b"../", b"M2 ",
)  # fmt: skip
_BOMB = b'<!DOCTYPE %s [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in b"bcdefghijkl"
) + b"]>"  # fmt: skip

Way = Callable[[bytes, random.Random], bytes]


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A file before it is damaged."""

    kind: str
    name: str
    data: bytes
    """Of a bundle, what it holds."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of reading a damaged file."""

    name: str
    kind: str
    refused: str
    """The error's class and words; empty where the file was read."""
    cpu_s: float
    """Of this process and of those that it started."""

    @property
    def is_read(self) -> bool:
        """Whether the file was read, even if its marks were then refused."""
        return not self.refused.startswith("TimelineError")


class TooLong(BaseException):
    """A file took longer than any may; no reader can catch it."""


def real_files(folder: Path) -> Iterator[Sound]:
    """The files of real systems under a folder, if any."""
    for path in sorted(folder.rglob("*")):
        kind = path.suffix[1:].lower()
        if kind in KINDS:
            yield Sound(kind=kind, name=path.name, data=path.read_bytes())
        if kind in ("otio", "fcpxml") and path.stat().st_size < 40_000:
            for bundle in (one for one in CONTENT if CONTENT[one].endswith(kind)):
                yield Sound(kind=bundle, name=path.name, data=path.read_bytes())
        if path.parent.name == "marker-edl":
            yield Sound(kind=MARKERS, name=path.name, data=path.read_bytes())


def own_files(folder: Path) -> Iterator[Sound]:
    """A scored cut as every writer of the package writes it, and its spotting as every list."""
    cut = scored_timelines.read_cut(scored_timelines.scored(folder), Settings())
    for kind in ("otio", "edl", "fcpxml", "xml", "aaf", "otiod"):
        path = folder / f"own.{kind}"
        write(cut.timeline, cut, path, DeliverySettings(), overwrite=True)
        data = (path / CONTENT[kind] if path.is_dir() else path).read_bytes()
        yield Sound(kind=kind, name=path.name, data=data)
        for bundle in ("otioz", "fcpxmld") if kind in ("otio", "fcpxml") else ():
            if CONTENT[bundle].endswith(kind):
                yield Sound(kind=bundle, name=path.name, data=data)
    for suffix in ("edl", "txt", "csv"):
        path = folder / f"spotting.{suffix}"
        otio_hpm.spot(folder / "in.otio", _settings("otio"), save_markers=path, overwrite=True)
        yield Sound(kind=MARKERS, name=path.name, data=path.read_bytes())


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The same with one to four damages of any kind, or of that which keeps it a tree."""
    ways = WAYS if chance.random() < 0.5 else (reshape,)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        data = chance.choice(ways)(data, chance)[:_LONGEST] or b"\n"
    return data


def attempt(sound: Sound, seed: int, folder: Path) -> Outcome:
    """Damage a file, spot it and tell. Raises TooLong, and what no reader may raise."""
    chance = random.Random(f"{seed} {sound.kind} {sound.name}")
    path = _put(sound, folder, chance)
    timeline, settings = path, _settings(sound.kind, all_shots=chance.random() < 0.5)
    if sound.kind == MARKERS:
        timeline = folder / "in.otio"
        settings = settings.with_changes({"spotting": {"markers": (path,)}})
    refused, before = "", _cpu_s()
    try:
        with limited():
            otio_hpm.spot(timeline, settings)
    except HpmError as error:
        refused = f"{type(error).__name__}: {error.message}"
    return Outcome(name=sound.name, kind=sound.kind, refused=refused, cpu_s=_cpu_s() - before)


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """Raises TooLong in the midst of what takes this process longer than a file may take."""

    def stop(*_: Any) -> None:
        raise TooLong(f"more than {LIMIT_S} s of CPU")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def peak_memory_mb() -> float:
    """The most memory that this process, or one that it started, has held so far."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(one).ru_maxrss for one in who) / 1024


def _settings(kind: str, *, all_shots: bool = False) -> Settings:
    spotting = SpottingSettings(
        all_shots=all_shots,
        mark=None if all_shots else ".",
        timeline="1",
        rate=Fraction(25) if kind == "edl" else None,
    )
    return Settings(spotting=spotting, model=ModelSettings(model="debug"))


def _put(sound: Sound, folder: Path, chance: random.Random) -> Path:
    """Writes a file damaged, or a bundle of what is damaged; a zip file's own bytes sometimes."""
    suffix = sound.name.rpartition(".")[2] if sound.kind == MARKERS else sound.kind
    path = folder / f"damaged.{suffix}"
    if sound.kind == "otioz":
        outside = chance.random() < 0.2
        packed = _zipped(sound.data if outside else damaged(sound.data, chance))
        path.write_bytes(damaged(packed, chance) if outside else packed)
        return path
    if sound.kind in CONTENT:
        path.mkdir(exist_ok=True)
        (path / CONTENT[sound.kind]).write_bytes(damaged(sound.data, chance))
        return path
    path.write_bytes(damaged(sound.data, chance))
    return path


def _zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(CONTENT["otioz"], content)
    return packed.getvalue()


def _cpu_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def flip(data: bytes, chance: random.Random) -> bytes:
    """Some bytes are others."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 30))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def drop_lines(data: bytes, chance: random.Random) -> bytes:
    lines = _lines(data)
    at = chance.randrange(len(lines))
    return b"".join(lines[:at] + lines[at + chance.choice((1, 2, 20)) :])


def move_lines(data: bytes, chance: random.Random) -> bytes:
    """Some lines are where they do not belong, once or many times."""
    lines = _lines(data)
    at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    moved = lines[at : at + chance.choice((1, 3, 60))] * chance.choice((1, 1, 2, 500))
    return b"".join(lines[:to] + moved + lines[to:])


def change_numbers(data: bytes, chance: random.Random) -> bytes:
    """One number, a few or most are others."""
    share = chance.choice((0, 0.02, 0.9))
    found = list(re.finditer(rb"-?\d+(?:\.\d+)?", data[:_LONGEST]))
    one = chance.randrange(len(found)) if found else 0
    pieces, end, new = [], 0, chance.choice(_NUMBERS)
    for index, number in enumerate(found):
        if index == one or chance.random() < share:
            pieces += [data[end : number.start()], new]
            end = number.end()
            new = chance.choice(_NUMBERS) if share < 0.5 else new[:25]
    return b"".join([*pieces, data[end:]])


def double(data: bytes, chance: random.Random) -> bytes:
    """A chunk stands twice, or a thousand times."""
    at = chance.randrange(len(data))
    chunk = data[at : at + chance.choice((1, 30, 1000, 20_000))]
    return data[:at] + chunk * chance.choice((2, 2, 3, 1000)) + data[at + len(chunk) :]


def truncate(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def insert(data: bytes, chance: random.Random) -> bytes:
    """Bits of markup stand where they do not belong."""
    for _ in range(chance.choice((1, 5))):
        at = chance.randrange(len(data))
        data = data[:at] + chance.choice(_BITS) + data[at + chance.choice((0, 1, 9)) :]
    return data


def swap_words(data: bytes, chance: random.Random) -> bytes:
    """A name or a value stands in the place of another, everywhere or once."""
    words = re.findall(rb"[A-Za-z_][\w.-]+", data[:_LONGEST]) or [b"a"]
    old, new = chance.choice(words), chance.choice(words)
    return data.replace(old, new, chance.choice((1, -1)))


def nest(data: bytes, chance: random.Random) -> bytes:
    """Something that opens is opened many times over."""
    found = list(re.finditer(rb"<\w[^<>/]*>|[\[{]\s*(?:\"[^\"]*\"\s*:\s*)?", data[:_LONGEST]))
    if not found:
        return double(data, chance)
    one = chance.choice(found)
    return data[: one.end()] + one[0] * chance.choice((3, 70, 1000, 50_000)) + data[one.end() :]


def reshape(data: bytes, chance: random.Random) -> bytes:
    """One to nine parts of a tree are gone, doubled, moved or others; it stays a whole tree."""
    with contextlib.suppress(ValueError, RecursionError):
        return _reshaped_json(json.loads(data), chance)
    if b"<!ENTITY" not in data:  # they would be expanded here, in half a gigabyte
        with contextlib.suppress(ElementTree.ParseError, LookupError, ValueError):
            return _reshaped_xml(ElementTree.fromstring(data), chance)
    return swap_words(data, chance)


def _reshaped_json(document: Any, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 2, 9))):
        holders = [node for node in _nodes(document) if node]
        if not holders:
            break
        holder = chance.choice(holders)
        keys = (
            range(len(holder)) if isinstance(holder, list) else sorted({*holder} - {"OTIO_SCHEMA"})
        )
        key = chance.choice(keys or ["x"])
        new = _another(holder[key] if keys else None, holders, chance)
        if isinstance(holder, list) and chance.random() < 0.5:
            holder.insert(key, new)
        elif chance.random() < (0.5 if isinstance(holder, list) else 0.1):
            holder.pop(key, None) if isinstance(holder, dict) else holder.pop(key)
        else:
            holder[key] = new
        document = json.loads(json.dumps(document, default=str)[:_LONGEST])
    return json.dumps(document).encode()


def _another(value: Any, nodes: list[Any], chance: random.Random) -> Any:
    """A value to stand for one of JSON, mostly of its kind."""
    if chance.random() < 0.1:
        return chance.choice((None, -1, "x", [], {}, [None], chance.choice(nodes)))
    if isinstance(value, dict):
        schema = value.get("OTIO_SCHEMA")
        alike = [one for one in nodes if isinstance(one, dict) and one.get("OTIO_SCHEMA") == schema]
        return chance.choice([*alike, None])
    if isinstance(value, str):
        return chance.choice(("", "x", "SCORE cue=1m1 range=mark", "\0", value[:80] * 500))
    return chance.choice((-1, 0, 1, 0.5, 1e300, 1e-300, 2**31, 2**53, -(2**63), True, None))


def _nodes(document: Any) -> Iterator[Any]:
    """Every object and list of parsed JSON."""
    if isinstance(document, dict | list):
        yield document
        for child in document.values() if isinstance(document, dict) else document:
            yield from _nodes(child)


def _reshaped_xml(root: ElementTree.Element, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 2, 9))):
        elements = list(root.iter())
        holder, other = chance.choice(elements), chance.choice(elements)
        if holder.attrib and chance.random() < 0.5:
            key = chance.choice(list(holder.attrib))
            value = chance.choice((other.get(key), other.text, "", "-1/24s", "9" * 40, "x", "0s"))
            holder.attrib.pop(key) if value is None else holder.set(key, value)
        elif not len(holder):
            holder.text = chance.choice((other.text, "", "-1", "9" * 40, "x", "0"))
        elif chance.random() < 0.5:
            del holder[chance.randrange(len(holder))]
        elif len(list(other.iter())) < 500:
            holder.insert(chance.randrange(len(holder) + 1), copy.deepcopy(other))
    return ElementTree.tostring(root)


def bomb(data: bytes, chance: random.Random) -> bytes:
    """Entities that multiply are declared and used, where there are elements."""
    root = re.search(rb"<([A-Za-z]\w*)", data[:4096])
    if root is None:
        return change_numbers(data, chance)
    head = _BOMB % root[1]
    uses = list(re.finditer(rb'(?<=[">])[^"<>]*(?=["<])', data[root.end() :])) or [root]
    one = chance.choice(uses)
    end = root.end() + one.end() if one is not root else root.end()
    return head + data[root.start() : end] + b"&l;" + data[end:]


def _lines(data: bytes) -> list[bytes]:
    """Lines; or, of what has none, pieces."""
    lines = data.splitlines(keepends=True)
    return lines if len(lines) > 1 else [data[at : at + 80] for at in range(0, len(data), 80)]


WAYS: tuple[Way, ...] = (
    flip, drop_lines, move_lines, change_numbers, change_numbers, double, truncate, insert,
    swap_words, nest, bomb, reshape,
)  # fmt: skip
