"""What can be wrong with stored models."""

from recommender.config import RecommenderError


class ModelNotFound(RecommenderError):
    """There is no such version, or none is current."""

    code = "model_not_found"


class ForeignModel(RecommenderError):
    """The folder is not a model of this program, or of another format."""

    code = "foreign_model"


class DamagedModel(RecommenderError):
    """The folder is not as it was when it was stored."""

    code = "damaged_model"


class NothingToRollBackTo(RecommenderError):
    """No version was current before this one."""

    code = "nothing_to_roll_back_to"
