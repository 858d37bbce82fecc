"""What of a version is about redemptions."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recommender.config import Config
from recommender.models.redemption import Logistic, Redemption
from recommender.models.redemption.table import WHO
from recommender.models.uplift import BANDS, Effect, Uplift

TREES: Final = "redemption.txt"
"""Trees as LightGBM writes them; further ones are ``redemption-2.txt``."""

Arrays = Mapping[str, NDArray[Any]]


def tree_files(redeemer: Redemption | None) -> dict[str, bytes]:
    """Return the files with the trees, by name."""
    trees = () if redeemer is None else redeemer.trees
    names = _names(len(trees))
    return {n: text.encode() for n, text in zip(names, trees, strict=True)}


def arrays_of(redeemer: Redemption | None) -> dict[str, NDArray[Any]]:
    """Return everything but the trees, by name."""
    if redeemer is None:
        return {}
    reach = sorted(redeemer.reach.items())
    return {
        "who_mean": redeemer.who.mean,
        "who_spread": redeemer.who.spread,
        "who_weights": redeemer.who.weights,
        "redemption_scale": np.array([redeemer.slope, redeemer.constant]),
        "redemptions": np.array([redeemer.redemptions], np.int64),
        "reach_skus": np.array([sku for sku, _ in reach], np.str_),
        "reach": np.array([share for _, share in reach], np.float64),
    }


def read_redeemer(
    arrays: Arrays, files: Mapping[str, bytes], config: Config
) -> Redemption | None:
    """
    Return the model; None if the version has none.

    :raises KeyError: if a part of it is missing
    :raises ValueError: if a part has not the shape it must have
    """
    trees = [files[name].decode() for name in _names(len(files)) if name in files]
    if not trees:
        return None
    size = len(WHO)
    shapes = {"who_mean": (size,), "who_spread": (size,), "who_weights": (size + 1,)}
    shapes |= {"redemption_scale": (2,), "reach": arrays["reach_skus"].shape}
    for name, shape in shapes.items():
        if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
            text = f"{name} must have the shape {shape} and finite numbers."
            raise ValueError(text)
    slope, constant = arrays["redemption_scale"].tolist()
    return Redemption(
        who=Logistic(
            mean=arrays["who_mean"],
            spread=arrays["who_spread"],
            weights=arrays["who_weights"],
        ),
        trees=tuple(trees),
        slope=slope,
        constant=constant,
        reach=dict(
            zip(arrays["reach_skus"].tolist(), arrays["reach"].tolist(), strict=True)
        ),
        redemptions=int(arrays["redemptions"][0]),
        threads=config.threads,
    )


def uplift_arrays(uplift: Uplift | None) -> dict[str, NDArray[Any]]:
    """Return how much offers change, by name."""
    if uplift is None:
        return {}
    pooled = uplift.pooled
    return {
        "uplift_kinds": np.array(uplift.kinds, np.str_),
        "uplift_cells": uplift.cells,
        "uplift_pooled": np.array(
            [pooled.mean, pooled.low, pooled.high, pooled.pairs], np.float64
        ),
    }


def read_uplift(arrays: Arrays) -> Uplift | None:
    """
    Return how much offers change; None if the version does not know.

    :raises ValueError: if a part has not the shape it must have
    """
    if "uplift_cells" not in arrays:
        return None
    kinds, cells = arrays["uplift_kinds"], arrays["uplift_cells"]
    if cells.shape != (len(kinds), len(BANDS) + 1) or not np.isfinite(cells).all():
        text = "uplift_cells must have a row a kind, a column a band, finite numbers."
        raise ValueError(text)
    mean, low, high, pairs = arrays["uplift_pooled"].tolist()
    return Uplift(
        kinds=tuple(kinds.tolist()),
        cells=cells,
        pooled=Effect(mean=mean, low=low, high=high, pairs=int(pairs)),
    )


def _names(count: int) -> list[str]:
    return [TREES, *(f"redemption-{n}.txt" for n in range(2, count + 1))][:count]
