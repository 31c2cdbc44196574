"""Trains the embedding network to tell what composed music is made of."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor
from torch.nn import functional

from otio_hpm.errors import ModelError, OutputError
from otio_hpm.evaluation.embedding_network import (
    RATE,
    TAUGHT_ON,
    WINDOW,
    EmbeddingNetwork,
    log_mel,
)
from otio_hpm.files import make_folder, sha256_of, write_bytes
from otio_hpm.model.checkpoint import save_whole
from otio_hpm.sketch.harmony import MODES, NAMES
from otio_hpm.timing import SAMPLE_RATE
from otio_hpm.training.corpus import CorpusStream, Pair
from otio_hpm.training.orchestration import RANGES
from otio_hpm.training.processes import Processes
from otio_hpm.training.scores import ScoreLibrary
from otio_hpm.training.synthesis import find_soundfont
from otio_hpm.training.trainer import Schedule, Trainer, Watch

KEYS = tuple(f"{tonic} {mode}" for mode in MODES for tonic in NAMES)
TEMPI_BPM = (80.0, 115.0)
"""Between slow and moderate, and moderate and fast."""
PROGRAMS = tuple(sorted(RANGES))
BATCH = 16
_STREAM = 12
"""Stream of pairs that no generator is trained or judged on."""
_SHARD = 50
_SOUNDFONTS = (
    Path("/usr/share/sounds/sf3/MuseScore_General.sf3"),
    Path("/usr/share/soundfonts/MuseScore_General.sf3"),
)

Lessons = dict[str, Tensor]
"""`bands` (n, frames, bands) float16, `key` (n,) and `tempo` (n,) as numbers, `programs` and
`composers` (n, count) as 0 and 1"""


@dataclass(frozen=True, kw_only=True)
class Teaching:
    """A run of the network's training."""

    folder: Path
    """What is composed and where training has come to; it goes on from there."""
    soundfont: Path
    """Plays what is heard; apart from the generator's."""
    scores: Path | None
    """Folder of parsed public-domain scores, by whose composers it learns to tell music apart."""
    pairs: int
    """Composed pieces, a tenth of which validates."""


def teaching_soundfont(named: Path | None) -> Path:
    """The soundfont, or MuseScore's where none is named.

    Raises ModelError where there is none, or where it is the one that generators are trained on.
    """
    found = named or next((path for path in _SOUNDFONTS if path.is_file()), None)
    if found is None or not found.is_file():
        raise ModelError(
            f"soundfont {found or 'MuseScore_General'} is not there",
            hint="Install Debian's musescore-general-soundfont, or name --soundfont.",
        )
    try:
        same = sha256_of(found) == sha256_of(find_soundfont())
    except ModelError:
        same = False
    if same:
        raise ModelError(f"{found} is what generators are trained on", hint="Name another one.")
    return found


def train_embedding(
    teaching: Teaching, schedule: Schedule, output: Path, device: str = "cpu",
    minutes: float | None = None, width: int = 32,
) -> bool:  # fmt: skip
    """Compose and train, or go on; whether the network is finished, and then written to `output`.

    Raises OutputError for a file that exists, and ModelError as `CorpusStream` does.
    """
    if output.exists():
        raise OutputError(f"{output} exists already", hint="Choose another name.")
    started, checksum = time.monotonic(), sha256_of(teaching.soundfont)
    if (lessons := compose_lessons(teaching, minutes)) is None:
        return False
    held = max(len(lessons["key"]) // 10, 1)
    torch.manual_seed(schedule.seed)
    network = EmbeddingNetwork(_answers(lessons), width)
    trainer = Trainer(network, schedule, teaching.folder / "network", Processes(device, "float32"))
    taught, checked = ({n: t[part] for n, t in lessons.items()}
                       for part in (slice(held, None), slice(held)))  # fmt: skip

    def batch(_: int, generator: torch.Generator) -> Tensor:
        chosen = torch.randint(len(taught["key"]), (BATCH,), generator=generator)
        return loss_of(network, {n: t[chosen].to(trainer.device) for n, t in taught.items()})

    @torch.no_grad()
    def validate() -> float:
        """In batches: all pieces at once would take gigabytes."""
        batches = ({n: t[i : i + BATCH].to(trainer.device) for n, t in checked.items()}
                   for i in range(0, held, BATCH))  # fmt: skip
        return sum(float(loss_of(network, b)) * len(b["key"]) for b in batches) / held

    left = None if minutes is None else max(minutes - (time.monotonic() - started) / 60, 0)
    if done := trainer.run(batch, Watch(validate=validate), left):
        with trainer.shipped():
            parts = {n: t.cpu() for n, t in network.state_dict().items()}
            write_bytes(output, save(parts, {TAUGHT_ON: checksum}))
    return done


def loss_of(network: EmbeddingNetwork, lessons: Lessons) -> Tensor:
    """Sum of the cross entropies of key, tempo, instruments and composers."""
    sizes = (len(KEYS), len(TEMPI_BPM) + 1, len(PROGRAMS), lessons["composers"].shape[1])
    key, tempo, programs, composers = network(lessons["bands"].float()).split(sizes, dim=1)
    several = functional.binary_cross_entropy_with_logits
    return (
        functional.cross_entropy(key, lessons["key"].long())
        + functional.cross_entropy(tempo, lessons["tempo"].long())
        + several(programs, lessons["programs"].float())
        + several(composers, lessons["composers"].float())
    )


def compose_lessons(teaching: Teaching, minutes: float | None = None) -> Lessons | None:
    """All lessons, composing those that are missing; None where the time is up before."""
    folder, started = teaching.folder / "lessons", time.monotonic()
    make_folder(folder)
    library = ScoreLibrary.load(teaching.scores) if teaching.scores else None
    names = ("", *(library.composers if library else ()))
    stream: CorpusStream | None = None
    shards = []
    for first in range(0, teaching.pairs, _SHARD):
        path = folder / f"lessons_{first:09d}.safetensors"
        count = min(_SHARD, teaching.pairs - first)
        shard = _kept(path, count, len(names))
        if shard is None:
            if minutes is not None and time.monotonic() - started > minutes * 60:
                return None
            stream = stream or CorpusStream(teaching.soundfont, "train", library)
            pairs = [stream.pair(_STREAM, first + index) for index in range(count)]
            save_whole(shard := lessons_of(pairs, names), path)
        shards.append(shard)
    return {name: torch.cat([shard[name] for shard in shards]) for name in shards[0]}


def lessons_of(pairs: Sequence[Pair], composers: Sequence[str]) -> Lessons:
    """What is heard, and what there is to be told of it; "" among composers is the program."""
    return {
        "bands": torch.cat([_bands(pair) for pair in pairs]),
        "key": torch.tensor([KEYS.index(pair.key) for pair in pairs]),
        "tempo": torch.tensor(
            [sum(pair.tempo_bpm[0] >= edge for edge in TEMPI_BPM) for pair in pairs]
        ),
        "programs": _marked([pair.programs for pair in pairs], PROGRAMS),
        "composers": _marked([pair.composers for pair in pairs], composers),
    }


def _bands(pair: Pair) -> Tensor:
    """The first 10 s. (1, frames, bands) float16"""
    return log_mel(pair.audio[: WINDOW * SAMPLE_RATE // RATE], SAMPLE_RATE).half()


def _marked(heard: Sequence[Sequence[object]], known: Sequence[object]) -> Tensor:
    return torch.tensor([[one in some for one in known] for some in heard], dtype=torch.uint8)


def _kept(path: Path, count: int, composers: int) -> Lessons | None:
    """A shard that was composed before, if it is whole and for as many composers."""
    try:
        shard: Lessons = load_file(path)
        fits = shard["bands"].shape[0] == count and shard["composers"].shape[1] == composers
    except (OSError, SafetensorError, KeyError):
        return None
    return shard if fits else None


def _answers(lessons: Lessons) -> int:
    return len(KEYS) + len(TEMPI_BPM) + 1 + sum(
        math.prod(lessons[name].shape[1:]) for name in ("programs", "composers")
    )
