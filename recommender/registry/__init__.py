"""
Stored models: a folder for each version.

A version is a folder with ``arrays.npz`` and ``manifest.json``. Nothing in it is
code and nothing is unpickled. The last part of its name is the start of the
manifest's SHA-256, and the manifest holds the SHA-256 of the arrays: a folder that
was changed in any way is refused.
"""

from recommender.registry.contents import Stored
from recommender.registry.errors import (
    DamagedModel,
    ForeignModel,
    ModelNotFound,
    NothingToRollBackTo,
)
from recommender.registry.versions import Registry

__all__ = [
    "DamagedModel",
    "ForeignModel",
    "ModelNotFound",
    "NothingToRollBackTo",
    "Registry",
    "Stored",
]
