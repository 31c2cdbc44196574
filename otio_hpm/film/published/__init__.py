"""The paper's film encoder: CLIP, TAVAR and CTEN, and what they see of a picture."""
