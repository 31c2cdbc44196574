"""Loading a model by name, as whatever its configuration says it is."""

from __future__ import annotations

from otio_hpm.model.bridge import BridgePipeline
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.folders import CONFIG
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.settings import Device, Precision


def pipeline_kind(config: ModelConfig) -> type[HpmPipeline]:
    """What runs a model: HPM, or the bridge for one that reads words."""
    return HpmPipeline if config.text is None else BridgePipeline


def load_model(name: str, device: Device = "auto", precision: Precision = "auto") -> HpmPipeline:
    """Load a shipped or installed model, or a model folder; raises as `HpmPipeline.load` does."""
    config = ModelConfig.load(model_folder(name) / CONFIG)
    return pipeline_kind(config).load(name, device, precision)
