"""Dense vectors as arrays: what every embedder makes."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def unit_rows(vectors: Floats) -> Floats:
    """Return the rows scaled to length 1; rows of zeros, and rows that are not numbers, become zeros."""
    clean = vectors.astype(np.float32)
    if not np.isfinite(clean).all():
        clean = np.nan_to_num(clean, nan=0.0, posinf=0.0, neginf=0.0)
    lengths = np.sqrt((clean * clean).sum(axis=1, keepdims=True))
    lengths[lengths == 0] = 1.0
    units: Floats = clean / lengths
    return units
