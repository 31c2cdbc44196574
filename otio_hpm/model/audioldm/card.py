"""The model card of a converted model."""

from __future__ import annotations

from otio_hpm.model.audioldm.coverage import Coverage
from otio_hpm.model.audioldm.source import LICENCE, Source
from otio_hpm.model.config import ModelConfig

_ATTENTION = {
    "decoupled": "an attention of its own beside each block's second self-attention, which begins "
    "as nothing: until it is trained, the UNet computes exactly what AudioLDM's does",
    "replaced": "in place of what each block's second self-attention looked at: keys and values "
    "begin anew, so the UNet must be trained before it makes music",
}


def card(source: Source, config: ModelConfig, coverage: Coverage) -> str:
    """Markdown: what the model is, what it may be used for, and what is not trained yet."""
    lines = "\n".join(f"- {line}" for line in coverage.lines())
    return f"""# HPM from AudioLDM ({source.size})

Converted by otio-hpm from the weights in `{source.path.name}`: AudioLDM by Haohe Liu, Zehua Chen,
Yi Yuan, Xinhao Mei, Xubo Liu, Danilo Mandic, Wenwu Wang and Mark D. Plumbley, "AudioLDM:
Text-to-Audio Generation with Latent Diffusion Models", 2023.

Licence of the weights: {LICENCE}. They, and what is trained from them, are for non-commercial use,
with attribution, shared alike.

Sound of {config.sample_rate} Hz, windows of {float(config.window_latents * config.latent_s):.2f} s.
The film enters through {_ATTENTION[config.film_attention]}. Film encoder and S-Control begin
untrained, the branch as a copy of the UNet's entry, down and middle blocks.

What became of every tensor, in numbers:

{lines}
"""
