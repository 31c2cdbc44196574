"""HiFi-GAN (Kong et al. 2020), the vocoder of AudioLDM: from its mel straight to sound."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import SpeechT5HifiGan, SpeechT5HifiGanConfig

from otio_hpm.model.config import ModelConfig

CHUNK_FRAMES = 1024
CONTEXT_FRAMES = 32
DILATIONS = (1, 3, 5)
LEAK = 0.1


class HifiGan(nn.Module):
    """transformers' SpeechT5HifiGan in this configuration's shape."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.net = SpeechT5HifiGan(
            SpeechT5HifiGanConfig(
                model_in_dim=config.bands,
                sampling_rate=config.sample_rate,
                upsample_initial_channel=config.vocoder_channels,
                upsample_rates=list(config.hifigan_rates),
                upsample_kernel_sizes=list(config.hifigan_kernels),
                resblock_kernel_sizes=list(config.hifigan_blocks),
                resblock_dilation_sizes=[list(DILATIONS)] * len(config.hifigan_blocks),
                leaky_relu_slope=LEAK,
                normalize_before=False,
            )
        )

    @torch.no_grad()
    def sound(self, spectrogram: Tensor) -> Tensor:
        """Sound of a log-mel spectrogram of any length. (frames, bands) -> (frames * hop,)

        In chunks whose context is longer than what a sample sees of either side, so the result is
        that of one piece, in constant memory.
        """
        hop, frames = self.config.hop, len(spectrogram)
        sound = spectrogram.new_empty(frames * hop)
        for start in range(0, frames, CHUNK_FRAMES):
            end = min(frames, start + CHUNK_FRAMES)
            first, last = max(0, start - CONTEXT_FRAMES), min(frames, end + CONTEXT_FRAMES)
            piece = self.net(spectrogram[first:last])
            sound[start * hop : end * hop] = piece[(start - first) * hop : (end - first) * hop]
        return sound
