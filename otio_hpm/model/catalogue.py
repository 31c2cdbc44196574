"""What can be had: published weights that models are made from, each pinned to one revision."""

from __future__ import annotations

from dataclasses import dataclass

_AUDIOLDM = ("scheduler", "text_encoder", "tokenizer", "unet", "vae", "vocoder")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Weights on the Hugging Face hub."""

    name: str
    """What it is called here."""
    repository: str
    """`owner/name` on the hub."""
    revision: str
    """Commit whose files are taken."""
    title: str
    """What it is, in words."""
    size_bytes: int
    """What is downloaded, as published, nearly."""
    sample_rate: int | None
    """Of its sound; None where it makes none."""
    licence: str
    """SPDX expression."""
    folders: tuple[str, ...]
    """Folders of which it consists; none for files of the top folder."""
    next_step: str
    """Arguments of `otio-hpm` that make a model, or a part of one, of its `{folder}`."""


def _audioldm(name: str, revision: str, size_bytes: int, unet: str) -> Offer:
    return Offer(
        name=name,
        repository=f"cvssp/{name}",
        revision=revision,
        title=f"AudioLDM, UNet of {unet} weights: what HPM starts from (paper section 4.1)",
        size_bytes=size_bytes,
        sample_rate=16_000,
        licence="CC-BY-NC-SA-4.0",
        folders=_AUDIOLDM,
        next_step=f"model convert audioldm {name}",
    )


OFFERS = (
    _audioldm(
        "audioldm-s-full-v2", "bef13a486a2a536162324de2d506c0c2d3db2ff0", 1_690_000_000, "185 M"
    ),
    _audioldm(
        "audioldm-m-full", "9d4998f93dfdafd050695fc82a4c8773ade7bd88", 2_610_000_000, "416 M"
    ),
    _audioldm(
        "audioldm-l-full", "c05b967dede59e75e9cfe8b71fe20e6e6f0bceeb", 3_910_000_000, "739 M"
    ),
    Offer(
        name="clip-vit-base-patch32",
        repository="openai/clip-vit-base-patch32",
        revision="3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268",
        title="CLIP ViT-B/32: semantic features of the picture (paper section 3.1)",
        size_bytes=605_000_000,
        sample_rate=None,
        # That of the repository which publishes the weights; their page on the hub states none.
        licence="MIT",
        folders=(),
        next_step="film convert clip {folder} -o MODEL_FOLDER",
    ),
)
ELSEWHERE = {
    "tavar": "aesthetics; on no hub, its authors share the weights (github.com/yipoh/TAVAR); "
    "no licence stated",
    "cten": "emotions; on no hub, its authors share the weights "
    "(github.com/nku-zhichengzhang/CTEN); no licence stated",
}
"""The paper's other encoders, which have to be asked for or downloaded by hand."""


BRIDGED = OFFERS[0].name
"""What a model that reads words is made of, unless a user chooses otherwise."""


def offer_named(name: str) -> Offer | None:
    """The offer of this name or hub name."""
    return next((offer for offer in OFFERS if name in (offer.name, offer.repository)), None)
