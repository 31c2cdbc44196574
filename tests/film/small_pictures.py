"""Small moving pictures for tests of the descriptors."""

import numpy as np


def flat(color, count=10):
    """`count` frames of one colour."""
    return np.broadcast_to(np.asarray(color, np.uint8), (count, 36, 64, 3)).copy()


def landscape(seed=0, width=200):
    """A wide still picture with smooth structure, (36, width, 3)."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(20, 235, (7, width // 8 + 2, 3))
    rows = np.linspace(0, 5.99, 36)
    columns = np.linspace(0, width // 8, width)
    top = coarse[rows.astype(int)] * (1 - rows % 1)[:, None, None]
    smooth = top + coarse[rows.astype(int) + 1] * (rows % 1)[:, None, None]
    left = smooth[:, columns.astype(int)] * (1 - columns % 1)[None, :, None]
    mixed = left + smooth[:, columns.astype(int) + 1] * (columns % 1)[None, :, None]
    return mixed.astype(np.uint8)


def pan(pixels, count=20, seed=0):
    """A camera that moves `pixels` to the right per frame over a landscape."""
    picture = landscape(seed)
    start = 0 if pixels >= 0 else 130
    columns = range(start, start + pixels * count, pixels) if pixels else [start] * count
    return np.stack([picture[:, column : column + 64] for column in columns])


def montage(shot_frames, count=40):
    """Still shots of `shot_frames` frames each, one after the other."""
    shots = [landscape(seed, 64)[:, :64] for seed in range(count // shot_frames + 1)]
    return np.stack([shots[k // shot_frames] for k in range(count)])
