"""Film encoders as their authors save them, but tiny and random, and a model that sees by them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import torch
from torch import nn

from otio_hpm.film.published.cten import Cten, CtenShape
from otio_hpm.film.published.resnet import ResNetShape
from otio_hpm.film.published.tavar import Tavar, TavarShape
from otio_hpm.model.checkpoint import write_checksums
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.folders import SHIPPED
from otio_hpm.scoring.film_parts import add_encoder

NETWORK = ResNetShape(width=4, depths=(1, 1, 1, 1))
TAVAR = TavarShape(
    attributes=NETWORK, theme=NETWORK, aesthetics=NETWORK, node=8, inner=4, reasoned=(12, 16)
)
CTEN = CtenShape(network=NETWORK, segments=3, inner=6)
CLIP_SIZE = 16


def randomised(network: nn.Module, seed: int = 0) -> nn.Module:
    """A network whose every weight, also those that begin as 0 or 1, is random and plausible."""
    torch.manual_seed(seed)
    for name, value in network.state_dict().items():
        if name.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif value.is_floating_point():
            spread = 1 / value[0].numel() ** 0.5 if value.dim() > 1 else 0.5
            value.normal_(0, spread)
    return network.eval()


def tiny_tavar() -> Tavar:
    """The network, whose score is not 0 whatever it sees."""
    network = randomised(Tavar(TAVAR))
    network.GCNNet.fc1.bias.data.fill_(5)
    return network


def tiny_cten() -> Cten:
    """The network."""
    return randomised(Cten(CTEN), 1)


def save_clip(folder: Path, size: int = CLIP_SIZE) -> Path:
    """A folder of all of CLIP as transformers saves it, for a feature of a size."""
    from transformers import CLIPConfig, CLIPModel

    torch.manual_seed(2)
    vision = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
              "num_attention_heads": 2, "image_size": 64, "patch_size": 32}  # fmt: skip
    text = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
            "num_attention_heads": 1, "vocab_size": 50}  # fmt: skip
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=size)
    CLIPModel(config).save_pretrained(folder)
    return folder


def save_tavar(path: Path) -> Path:
    """A state dict, as TAVAR's authors save it."""
    torch.save(tiny_tavar().state_dict(), path)
    return path


def save_cten(path: Path) -> Path:
    """A checkpoint of a DataParallel network, as CTEN's authors save it."""
    state = {f"module.{name}": value for name, value in tiny_cten().state_dict().items()}
    torch.save({"epoch": 3, "state_dict": state, "optimizer": {"state": {}, "lr": 2e-4}}, path)
    return path


def bare_model(folder: Path) -> Path:
    """The debug model with sizes for published features, without the encoders."""
    folder.mkdir(parents=True)
    config = ModelConfig.load(SHIPPED / "debug" / "config.json")
    sizes = {"semantic_size": CLIP_SIZE, "aesthetic_size": 7, "emotion_size": 8}
    dataclasses.replace(config, **sizes).save(folder / "config.json")
    write_checksums(folder)
    return folder


def seeing_model(folder: Path, sources: Path) -> Path:
    """That model with all three encoders, converted from what their authors' files look like."""
    sources.mkdir(parents=True, exist_ok=True)
    bare_model(folder)
    add_encoder("clip", save_clip(sources / "clip"), folder)
    add_encoder("tavar", save_tavar(sources / "TAVAR_weight.pt"), folder)
    add_encoder("cten", save_cten(sources / "save_3_0.5.pth"), folder)
    return folder


def licence_of(folder: Path) -> str:
    """What a model folder says of its weights."""
    return str(json.loads((folder / "config.json").read_text("utf-8"))["licence"])
