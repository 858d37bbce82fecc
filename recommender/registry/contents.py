"""What is in a version: the numbers of a model and what is said about them."""

import hashlib
import io
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib import metadata
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.config import Config, RecommenderError
from recommender.data import day_number, day_of
from recommender.dataset import IdMap
from recommender.evaluation import Report
from recommender.features import Space, Targets
from recommender.features.demand import NAMES, Demand
from recommender.features.pairs import FEATURES
from recommender.models.hybrid import Hybrid
from recommender.models.popularity import Popularity
from recommender.models.ranker import Ranker
from recommender.models.regression import Regression
from recommender.models.standing import Standing
from recommender.registry.errors import DamagedModel
from recommender.registry.redeeming import (
    arrays_of,
    read_redeemer,
    read_uplift,
    tree_files,
    uplift_arrays,
)
from recommender.training import Trained

FORMAT = "loyalty-recommender/3"
PACKAGES = ("lightfm-next", "lightgbm", "numpy", "scipy")
ARRAYS = "arrays.npz"
TREES = "ranker.txt"
"""The re-ranker's trees as LightGBM writes them; further ones are ``ranker-2.txt``."""


REGRESSIONS = ("next", "next_new")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A version and its manifest."""

    version: str
    manifest: Mapping[str, Any]


def pack(trained: Trained) -> dict[str, bytes]:
    """
    Return the files of a model by name; the same model, the same bytes.

    The arrays as an uncompressed ``.npz``, and trees as text.
    """
    ranker = trained.ranker
    trees = () if ranker is None else ranker.trees
    named = zip(tree_names(len(trees)), trees, strict=True)
    return {
        ARRAYS: _arrays(trained),
        **{name: text.encode() for name, text in named},
        **tree_files(trained.redeemer),
    }


def tree_names(count: int) -> list[str]:
    """Return the names of the files with trees."""
    return [TREES, *(f"ranker-{n}.txt" for n in range(2, count + 1))][:count]


def _arrays(trained: Trained) -> bytes:
    features = trained.items.features.tocsr()
    ranker = trained.ranker
    buffer = io.BytesIO()
    np.savez(
        buffer,
        allow_pickle=False,
        items=np.array(trained.space.items.names),
        customer_features=np.array(trained.space.customer.names),
        item_features=np.array(trained.space.item.names),
        popularity=trained.popularity.buyers,
        customers=trained.hybrid.customers,
        vectors=trained.hybrid.items,
        biases=trained.hybrid.biases,
        feature_values=features.data,
        feature_places=features.indices,
        feature_rows=features.indptr,
        **({} if ranker is None else _ranker_arrays(ranker)),
        **arrays_of(trained.redeemer),
        **uplift_arrays(trained.uplift),
    )
    return buffer.getvalue()


def _ranker_arrays(ranker: Ranker) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {
        "demand": ranker.demand.figures,
        "knots": ranker.knots,
    }
    for model in ranker.inputs:
        if isinstance(model, Regression):
            found[f"{model.name}_inputs"] = model.inputs
            found[f"{model.name}_weights"] = model.weights
    return found


def make_manifest(
    trained: Trained,
    files: Mapping[str, bytes],
    *,
    now: datetime,
    report: Report | None,
) -> dict[str, object]:
    """Say what the model is, of what it was made, and how good it was."""
    return {
        "format": FORMAT,
        "created_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "files": {
            name: hashlib.sha256(data).hexdigest() for name, data in files.items()
        },
        "seed": trained.config.seed,
        "config": trained.config.as_dict(),
        "data": {
            "first_day": day_of(trained.first_day).isoformat(),
            "last_day": day_of(trained.last_day).isoformat(),
            "customers": trained.customers,
            "events": trained.events,
        },
        "features": {
            "items": len(trained.space.items),
            "customer": len(trained.space.customer),
            "item": len(trained.space.item),
            "pairs": list(FEATURES),
        },
        "metrics": None if report is None else report.as_dict(),
        "packages": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in PACKAGES},
        },
    }


def canonical(value: object) -> bytes:
    """Return JSON that is the same for the same value."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    return text.encode() + b"\n"


def unpack(files: Mapping[str, bytes], stored: Stored) -> Trained:
    """
    Return the model.

    :raises DamagedModel: if something is missing or does not fit together
    """
    trees = [files[name].decode() for name in tree_names(len(files)) if name in files]
    try:
        with np.load(io.BytesIO(files[ARRAYS]), allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        model = _model(found, trees, stored)
        redeemer = read_redeemer(found, files, model.config)
        return replace(model, redeemer=redeemer, uplift=read_uplift(found))
    except (BadZipFile, KeyError, ValueError, RecommenderError) as problem:
        text = f"{stored.version} cannot be read: {problem}"
        raise DamagedModel(text) from problem


def _model(
    arrays: Mapping[str, NDArray[Any]], trees: Sequence[str], stored: Stored
) -> Trained:
    space = Space(
        items=IdMap.of(arrays["items"].tolist()),
        customer=IdMap.of(arrays["customer_features"].tolist()),
        item=IdMap.of(arrays["item_features"].tolist()),
    )
    config = Config.from_dict(stored.manifest["config"])
    _check(arrays, space, config)
    itself = sparse.eye_array(len(space.items), dtype=np.float32, format="csr")
    rows = (arrays[f"feature_{part}"] for part in ("values", "places", "rows"))
    shape = (len(space.items), len(space.item))
    data = stored.manifest["data"]
    hybrid = Hybrid(
        customers=arrays["customers"],
        items=arrays["vectors"],
        biases=arrays["biases"],
    )
    items = Targets(
        keys=space.items.names,
        shares=itself,
        categories=itself,
        features=sparse.csr_array(tuple(rows), shape=shape),
    )
    ranker = None
    if trees:
        standing = Standing(model=hybrid, items=items)
        ranker = _ranker(arrays, trees, standing, config)
    return Trained(
        config=config,
        space=space,
        items=items,
        popularity=Popularity(buyers=arrays["popularity"]),
        hybrid=hybrid,
        ranker=ranker,
        first_day=day_number(date.fromisoformat(data["first_day"])),
        last_day=day_number(date.fromisoformat(data["last_day"])),
        customers=data["customers"],
        events=data["events"],
        version=stored.version,
    )


def _ranker(
    arrays: Mapping[str, NDArray[Any]],
    trees: Sequence[str],
    standing: Standing,
    config: Config,
) -> Ranker:
    regressions = [
        Regression(
            inputs=arrays[f"{name}_inputs"],
            weights=arrays[f"{name}_weights"],
            name=name,
        )
        for name in REGRESSIONS
        if f"{name}_weights" in arrays
    ]
    return Ranker(
        demand=Demand(figures=arrays["demand"]),
        inputs=(standing, *regressions),
        trees=tuple(trees),
        knots=arrays["knots"],
        threads=config.threads,
    )


def _check(arrays: Mapping[str, NDArray[Any]], space: Space, config: Config) -> None:
    """
    Compare shapes.

    :raises ValueError: if one is not as it must be
    """
    expected = {
        "popularity": (len(space.items),),
        "customers": (len(space.customer), config.components),
        "vectors": (len(space.item), config.components),
        "biases": (len(space.item),),
        "feature_rows": (len(space.items) + 1,),
    }
    if "demand" in arrays:
        expected["demand"] = (len(NAMES), len(space.items))
        expected["knots"] = (2, arrays["knots"].shape[-1])
    for name in REGRESSIONS:
        if f"{name}_weights" in arrays:
            inputs = len(arrays[f"{name}_inputs"])
            expected[f"{name}_weights"] = (inputs + 1, len(space.items))
    for name, shape in expected.items():
        if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
            text = f"{name} must have the shape {shape} and finite numbers."
            raise ValueError(text)
