"""Shape of the text encoder of models that are told of the film in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """CLAP's text branch, a RoBERTa with a projection; the defaults are the published one's."""

    vocabulary: int = 50_265
    """Tokens that it knows."""
    channels: int = 768
    """Width of each layer."""
    layers: int = 12
    """Depth."""
    heads: int = 12
    """Attention heads of each layer."""
    inner: int = 3072
    """Width inside a layer."""
    positions: int = 514
    """Places of tokens, two of which are never used."""
    size: int = 512
    """Length of an embedding."""

    @property
    def most_tokens(self) -> int:
        """Tokens of the longest text; RoBERTa counts places from two on."""
        return self.positions - 2
