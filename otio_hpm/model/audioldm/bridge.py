"""AudioLDM's weights -> a model that is told of the film in words (`otio_hpm.model.bridge`)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import RobertaTokenizer

from otio_hpm.errors import ModelError
from otio_hpm.folders import new_folder
from otio_hpm.model.audioldm.convert import (
    Conversion,
    config_of,
    finish,
    write_parts,
)
from otio_hpm.model.audioldm.coverage import Coverage
from otio_hpm.model.audioldm.diffusers_layout import read_diffusers, read_part
from otio_hpm.model.audioldm.parts import Filled, fill, filled_parts
from otio_hpm.model.audioldm.source import (
    LICENCE,
    Source,
    SourceTensor,
    read_json,
    refused,
)
from otio_hpm.model.bridge import PARTS
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.text_config import TextConfig
from otio_hpm.model.text_encoder import TOKENIZER, TextEncoder

TEXT, WORDS = "text_encoder", "tokenizer"
_TAKEN_FOR_GRANTED = {
    "hidden_act": "gelu",
    "projection_hidden_act": "relu",
    "layer_norm_eps": 1e-12,
    "type_vocab_size": 1,
    "pad_token_id": 1,
}
"""What the text encoder of CLAP is, whatever its size."""


def convert_bridge(source: Path, out: Path) -> Conversion:
    """Make a model folder of a diffusers folder of AudioLDM, whose weights stay what they are.

    Raises ModelError where the source is none, or without text encoder and tokenizer; OutputError
    where `out` exists or cannot be written.
    """
    for part in (TEXT, WORDS):
        if not (source / part).is_dir():
            raise ModelError(
                f"{source} has no folder {part}, which reads the words",
                hint="Name a diffusers folder of AudioLDM with all its parts.",
            )
    found, text = read_diffusers(source), _text_config(source)
    config = dataclasses.replace(config_of(found, "decoupled", "measured"), text=text)
    with new_folder(out) as folder:
        coverage = _write(found, config, text, folder)
    return Conversion(
        folder=out, source=source, size=found.size, film="decoupled", sees="measured",
        licence=LICENCE, coverage=coverage,
    )  # fmt: skip


def _write(source: Source, config: ModelConfig, text: TextConfig, folder: Path) -> Coverage:
    coverage = write_parts(source, _parts(source, config, text), folder)
    _save_tokenizer(source.path / WORDS, folder)
    finish(folder, config, _card(source, coverage))
    return coverage


def _parts(source: Source, config: ModelConfig, text: TextConfig) -> Iterator[Filled]:
    yield from (part for part in filled_parts(source, config) if part.name in PARTS)
    found = {
        f"clap.{name}": SourceTensor(name=tensor.name, tensor=tensor.tensor)
        for name, tensor in read_part(source.path / TEXT).items()
    }
    yield fill(TEXT, _text_encoder(text), found, source.path, new="computed")


def _text_encoder(config: TextConfig) -> TextEncoder:
    """Text encoder of which only its constants have memory; not every file lists them."""
    with torch.device("meta"):
        encoder = TextEncoder(config)
    constants = encoder.clap.text_model.embeddings
    constants.position_ids = torch.arange(config.positions)[None]
    constants.token_type_ids = torch.zeros(1, config.positions, dtype=torch.long)
    return encoder


def _text_config(source: Path) -> TextConfig:
    """Shape of the text encoder. Raises ModelError where it is not that of an AudioLDM."""
    told = read_json(source / TEXT / "config.json")
    for name, value in _TAKEN_FOR_GRANTED.items():
        if told.get(name, value) != value:
            raise refused(source, f"its text encoder has {name} {told[name]!r}, not {value!r}")
    film_size = read_json(source / "unet" / "config.json").get(
        "projection_class_embeddings_input_dim"
    )
    config = _shape(source, told)
    if config.size != film_size:
        raise refused(source, f"texts have {config.size} values, and its UNet takes {film_size}")
    return config


def _shape(source: Path, told: Mapping[str, Any]) -> TextConfig:
    try:
        return TextConfig(
            vocabulary=told["vocab_size"],
            channels=told["hidden_size"],
            layers=told["num_hidden_layers"],
            heads=told["num_attention_heads"],
            inner=told["intermediate_size"],
            positions=told["max_position_embeddings"],
            size=told["projection_dim"],
        )
    except KeyError as error:
        raise refused(source, f"its text encoder does not tell its {error}") from error


def _save_tokenizer(source: Path, folder: Path) -> None:
    """The tokenizer in one file, whether it was saved in one or as vocabulary and merges."""
    try:
        tokenizer = RobertaTokenizer.from_pretrained(source, local_files_only=True)
    except Exception as error:  # whatever transformers makes of damaged files
        raise refused(source.parent, f"its tokenizer cannot be read: {error}") from error
    tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))


def _card(source: Source, coverage: Coverage) -> str:
    lines = "\n".join(f"- {line}" for line in coverage.lines())
    return f"""# AudioLDM ({source.size}), told of the film in words

Made by otio-hpm of the weights in `{source.path.name}`, which are unchanged: AudioLDM by Haohe Liu,
Zehua Chen, Yi Yuan, Xinhao Mei, Xubo Liu, Danilo Mandic, Wenwu Wang and Mark D. Plumbley,
"AudioLDM: Text-to-Audio Generation with Latent Diffusion Models", 2023.

Licence of the weights: {LICENCE}: for non-commercial use, with attribution, shared alike.

It does not see the film. Measures of the picture choose words of music, CLAP embeds the words, and
AudioLDM makes music of them: the two steps that the paper of HPM argues against, since colours,
light and composition pass through words badly. It follows neither sketch nor maestro cue. Train HPM
on films instead, where you can.

What became of every tensor, in numbers:

{lines}
"""
