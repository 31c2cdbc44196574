"""AudioLDM as it was published, told of the film in words: the two-step way.

Picture -> words (`otio_hpm.sketch.words`) -> CLAP's text embedding -> AudioLDM's class input. It is
the way that the paper argues against, and stands in until a user has trained weights of HPM. As in
AudioLDM, guidance is against the embedding of the empty text.
"""

from __future__ import annotations

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from otio_hpm.errors import ModelError
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_encoder import FilmCondition
from otio_hpm.model.hpm import Style
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.precision import Held
from otio_hpm.model.request import CueRequest
from otio_hpm.model.text_encoder import TextEncoder, read_tokenizer
from otio_hpm.model.windows import WindowPlan
from otio_hpm.settings import Device, Precision

PARTS = ("vm_unet", "vae", "vocoder")
"""Those of HPM that it has; the text encoder comes on top."""


class BridgePipeline(HpmPipeline):
    """A loaded model that reads words. Raises ModelError where its configuration has none."""

    reads_words = True
    tokenizer: Tokenizer

    def __init__(
        self, config: ModelConfig, device: str, identity: str, precision: Held = "float32"
    ) -> None:
        super().__init__(config, device, identity, precision)
        if config.text is None:
            raise ModelError("this model reads no words")
        self.text_encoder = TextEncoder(config.text).eval()
        del self.hpm.s_control, self._branch

    @classmethod
    def load(
        cls, name: str, device: Device = "auto", precision: Precision = "auto"
    ) -> BridgePipeline:
        """Load a model folder; raises as `HpmPipeline.load` does."""
        pipeline = super().load(name, device, precision)
        assert isinstance(pipeline, cls)
        pipeline.tokenizer = read_tokenizer(model_folder(name), pipeline.text_encoder.config)
        return pipeline

    def parts(self) -> dict[str, nn.Module]:
        """Modules by the name of their file."""
        own = {"vm_unet": self.hpm.vm_unet, "vae": self.vae, "vocoder": self.vocoder}
        parts = {name: part for name in PARTS if (part := own[name]) is not None}
        return parts | {"text_encoder": self.text_encoder}

    @torch.no_grad()
    def encode_film(self, request: CueRequest, plan: WindowPlan) -> FilmCondition:
        """Condition of every window by its words. Raises ValueError for another number of them."""
        if len(request.words) != len(plan.starts):
            raise ValueError(f"{len(request.words)} texts for {len(plan.starts)} windows")
        *told, none = self.text_encoder.embed([*request.words, ""], self.tokenizer)
        words = Words(self.config, none)
        self.hpm.film_encoder = words  # type: ignore[assignment]
        return words.condition(torch.stack(told))

    def style_of(self, request: CueRequest, plan: WindowPlan) -> Style | None:
        """Nothing is followed: there is no branch for it."""
        return None


class Words(nn.Module):
    """Stands where HPM has its film encoder."""

    def __init__(self, config: ModelConfig, none: Tensor) -> None:
        super().__init__()
        self.config, self.none = config, none

    def condition(self, embedded: Tensor) -> FilmCondition:
        """(B, film_size) -> what the UNet is told; of film tokens and a course there are none."""
        blank = embedded.new_zeros(len(embedded), 1, self.config.film_size)
        course = embedded.new_zeros(len(embedded), self.config.film_seconds, 0)
        return FilmCondition(tokens=blank, fused=embedded, course=course, seen=course)

    def unconditional(self, batch: int) -> FilmCondition:
        """The condition of the empty text."""
        return self.condition(self.none.expand(batch, -1))
