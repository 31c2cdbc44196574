"""What a bug report needs: versions, devices, model, codecs, adapters."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from otio_hpm import __version__
from otio_hpm.errors import HpmError

_CODECS = ("h264", "hevc", "prores", "dnxhd", "mjpeg", "mpeg2video", "vp8", "vp9", "av1", "exr",
           "dpx", "png")  # fmt: skip
_REQUIREMENT = re.compile(r"[A-Za-z0-9_.-]+")
_SOUNDFONT_FOLDERS = ("/usr/share/sounds/sf2", "/usr/share/sounds/sf3", "/usr/share/soundfonts")


@dataclass(frozen=True, kw_only=True)
class ModelReport:
    """A model, or what is wrong with it."""

    name: str
    folder: Path | None
    checksum: str
    parameters: int
    """Weights in all its parts."""
    memory_bytes: Mapping[str, int]
    """Memory that they take, by precision."""
    problem: str


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """The state of an installation."""

    version: str
    python: str
    system: str
    packages: dict[str, str]
    """Version of each package that is needed; empty where it is missing."""
    ffmpeg: dict[str, str]
    """Versions of the FFmpeg libraries inside PyAV."""
    devices: tuple[str, ...]
    """Where a model can run."""
    precisions: Mapping[str, str]
    """What `auto` computes in, by device."""
    model: ModelReport
    codecs: dict[str, bool]
    """Whether picture in these codecs can be decoded."""
    adapters: tuple[str, ...]
    """The formats that OpenTimelineIO reads or writes here."""
    plugin: bool
    """Whether OpenTimelineIO has found our plugin."""
    soundfonts: tuple[Path, ...]
    """Sounds for training."""


def diagnose(model: str) -> Diagnosis:
    """Look at the installation; nothing that is wrong is raised."""
    import opentimelineio as otio

    return Diagnosis(
        version=__version__,
        python=platform.python_version(),
        system=platform.platform(),
        packages=dict(_packages()),
        ffmpeg=_ffmpeg(),
        devices=tuple(_devices()),
        precisions=dict(_precisions()),
        model=_model(model),
        codecs=_codecs(),
        adapters=tuple(sorted(otio.adapters.available_adapter_names())),
        plugin=_plugin(),
        soundfonts=tuple(_soundfonts()),
    )


def _plugin() -> bool:
    import opentimelineio as otio

    ours = Path(str(importlib.resources.files("otio_hpm.adapters"))) / "plugin_manifest.json"
    found = (Path(str(file)) for file in otio.plugins.ActiveManifest().source_files)
    return any(file.exists() and file.samefile(ours) for file in found)


def _packages() -> Iterator[tuple[str, str]]:
    """What the package itself says it needs; extras only where they are installed."""
    for requirement in importlib.metadata.requires("otio-hpm") or ():
        match = _REQUIREMENT.match(requirement)
        if match is None:
            continue
        try:
            yield match[0], importlib.metadata.version(match[0])
        except importlib.metadata.PackageNotFoundError:
            if "extra ==" not in requirement:
                yield match[0], ""


def _ffmpeg() -> dict[str, str]:
    import av

    return {name: ".".join(map(str, version)) for name, version in av.library_versions.items()}


def _codecs() -> dict[str, bool]:
    import av

    return {name: name in av.codecs_available and _decodes(name) for name in _CODECS}


def _decodes(name: str) -> bool:
    import av

    try:
        return bool(av.Codec(name, "r").is_decoder)
    except av.FFmpegError:
        return False


def _devices() -> Iterator[str]:
    import torch

    yield f"cpu ({torch.get_num_threads()} threads)"
    for index in range(torch.cuda.device_count()):
        yield f"cuda:{index} ({torch.cuda.get_device_name(index)})"
    if torch.backends.mps.is_available():
        yield "mps"


def _precisions() -> Iterator[tuple[str, str]]:
    from otio_hpm.model.precision import choose_device, choose_precision

    for device in dict.fromkeys((choose_device("auto"), "cpu")):
        yield device, choose_precision("auto", device)


def _model(name: str) -> ModelReport:
    from otio_hpm.model.checkpoint import checksum, model_folder
    from otio_hpm.model.information import parameters_in
    from otio_hpm.model.precision import memory_bytes

    folder = None
    try:
        folder = model_folder(name)
        digest, problem = checksum(folder), ""
    except HpmError as error:
        digest, problem = "", error.message
    files = sorted(folder.glob("*.safetensors")) if folder else ()
    # A damaged part is what the checksum is for.
    counts = {file.stem: parameters_in(file) or 0 for file in files}
    return ModelReport(
        name=name,
        folder=folder,
        checksum=digest,
        parameters=sum(counts.values()),
        memory_bytes=memory_bytes(counts),
        problem=problem,
    )


def _soundfonts() -> Iterator[Path]:
    for folder in map(Path, _SOUNDFONT_FOLDERS):
        yield from sorted(folder.glob("*.sf[23]"))
