"""Sizes, rates and counts in words."""

from __future__ import annotations


def size(size_bytes: int) -> str:
    """Bytes, as `1.7 GB`."""
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"


def parameters(count: int | None) -> str:
    """Weights, as `185.0 M weights`."""
    return "pickled weights" if count is None else f"{count / 1e6:.1f} M weights"


def rate(sample_rate: int | None) -> str:
    """A sample rate, as `16 kHz`."""
    return "no sound" if sample_rate is None else f"{sample_rate / 1000:g} kHz"
