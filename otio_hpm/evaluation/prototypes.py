"""ProtoNet (Snell et al. 2017): embeddings in which one cue is enough to know its style by."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from otio_hpm.evaluation.recognizability import Labelled

QUERIES = 5
"""Clips of each style that an episode of training asks about, as in Boutin et al. 2022."""
_RATE = 1e-3


class ProtoNet(nn.Module):
    """Features of a frozen network -> embeddings to compare by distance."""

    mean: Tensor
    unit: Tensor

    def __init__(self, inputs: int, hidden: int = 128, size: int = 64) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("unit", torch.ones(inputs))
        self.layers = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, size))

    def forward(self, features: Tensor) -> Tensor:
        """(n, inputs) -> (n, size)"""
        result: Tensor = self.layers((features - self.mean) / self.unit)
        return result

    def embedded(self, group: Labelled) -> Labelled:
        """A group's features as embeddings of this network."""
        with torch.inference_mode():
            found: Tensor = self(torch.from_numpy(np.asarray(group.embeddings, np.float32)))
        return Labelled(embeddings=found.numpy(), classes=group.classes)


def train_protonet(real: Labelled, way: int, episodes: int = 1000, seed: int = 0) -> ProtoNet:
    """A network trained on real music, one cue of support a style.

    Train it on other cues than those that made clips are compared with, best on other styles, and
    freeze it before any system is judged. Raises ValueError for fewer than `way` styles of two or
    more cues.
    """
    names = sorted({name for name in real.classes if len(real.rows(name)) > 1})
    if not 2 <= way <= len(names):
        raise ValueError(f"{way} styles of two cues or more cannot be drawn from {len(names)}")
    features = torch.from_numpy(np.asarray(real.embeddings, np.float32))
    rows = {name: real.rows(name) for name in names}
    rng = np.random.default_rng(seed)
    network = _initialised(features, seed)
    optimizer = torch.optim.Adam(network.parameters(), lr=_RATE)
    for _ in range(episodes):
        drawn = [rng.permutation(rows[str(n)]) for n in rng.choice(names, way, replace=False)]
        loss = _episode_loss(network, features, drawn)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network.eval().requires_grad_(False)


def _initialised(features: Tensor, seed: int) -> ProtoNet:
    """A network of the seed's own draws that takes features of unit deviation."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = ProtoNet(features.shape[1])
    network.mean.copy_(features.mean(dim=0))
    network.unit.copy_(features.std(dim=0).clamp_min(1e-6))
    return network


def _episode_loss(network: ProtoNet, features: Tensor, drawn: list[np.ndarray]) -> Tensor:
    """Cross entropy of queries' styles by distance; the first row of each style is its support."""
    prototypes = network(features[[rows[0] for rows in drawn]])
    asked = [rows[1 : 1 + QUERIES] for rows in drawn]
    queries = network(features[np.concatenate(asked)])
    truth = torch.tensor([number for number, rows in enumerate(asked) for _ in rows])
    return cross_entropy(-(queries[:, None] - prototypes[None]).square().sum(dim=2), truth)
