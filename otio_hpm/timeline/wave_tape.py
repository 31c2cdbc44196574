"""What a Broadcast WAV says of itself: its tape, in iXML or its description, and its originator.

Sources: iXML specification 2.10 (TAPE), EBU Tech 3285 and its supplement for RF64 (ds64).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lxml import etree

ORIGINATOR = "otio-hpm"
"""What audio of ours says made it, in bext."""
_FORMS = (b"RIFF", b"RF64", b"BW64")
_TEXTS = (b"bext", b"iXML")
_MAX_CHUNKS = 100
_MAX_TEXT = 1 << 20
_MAX_DATA = 1 << 60
_ELSEWHERE = 0xFFFFFFFF
"""The size of a chunk that ds64 tells."""
_DESCRIPTION = re.compile(rb"^[a-z]?TAPE=([^\r\n\0]+)", re.MULTILINE | re.IGNORECASE)
"""Recorders write `sTAPE=` into bext."""


def wave_tape(path: Path) -> str:
    """The tape or sound roll of a WAV file; empty where it names none or is no WAV file.

    Raises OSError.
    """
    chunks = _chunks(path)
    return _of_ixml(chunks.get(b"iXML", b"")) or _of_description(chunks.get(b"bext", b""))


def wave_originator(path: Path) -> str:
    """What made a WAV file; empty where it does not say or is no WAV file. Raises OSError."""
    bext = _chunks(path).get(b"bext", b"")
    return bext[256:288].partition(b"\0")[0].decode("ascii", "replace").strip()


def _chunks(path: Path) -> dict[bytes, bytes]:
    with path.open("rb") as file:
        return dict(_texts(file))


def _texts(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """The chunks that hold text; a file that is cut short has those before its end."""
    form, _, kind = struct.unpack("<4sI4s", file.read(12).ljust(12, b"\0"))
    if form not in _FORMS or kind != b"WAVE":
        return
    data_bytes = 0
    for _ in range(_MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        name, size = struct.unpack("<4sI", head)
        begin = file.tell()
        if name in _TEXTS:
            yield name, file.read(min(size, _MAX_TEXT))
        elif name == b"ds64":
            data_bytes = struct.unpack("<8xQ", file.read(16).ljust(16, b"\0"))[0]
        elif name == b"data" and size == _ELSEWHERE:
            size = min(data_bytes, _MAX_DATA)
        file.seek(begin + size + size % 2)


def _of_ixml(text: bytes) -> str:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        root = etree.fromstring(text.rstrip(b"\0 \r\n\t"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    return (root.findtext("TAPE") or "").strip() if root is not None else ""


def _of_description(bext: bytes) -> str:
    found = _DESCRIPTION.search(bext[:256])
    return found[1].decode("utf-8", "replace").strip() if found else ""
