import json

import pytest

from recommender.config import Config, InvalidConfig


class TestConfig:
    def test_survives_json(self) -> None:
        config = Config(seed=5, discovery_share=0.25, excluded_categories=("Toys",))
        again = Config.from_dict(json.loads(json.dumps(config.as_dict())))
        assert again == config

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("discovery_share", 1.01),
            ("half_life_days", 0),
            ("seed", -1),
            ("learning_rate", float("nan")),
            ("top", 0),
        ],
    )
    def test_refuses_numbers_out_of_bounds(self, name: str, value: float) -> None:
        with pytest.raises(InvalidConfig, match=name):
            Config(**{name: value})  # type: ignore[arg-type]  # wrong on purpose

    @pytest.mark.parametrize(
        "settings",
        [
            {"colour": "red"},
            {"top": "10"},
            {"top": True},
            {"sensitive": "beer"},
            {"sensitive": [1]},
            {"half_life_days": None},
        ],
    )
    def test_refuses_unknown_names_and_wrong_kinds(
        self, settings: dict[str, object]
    ) -> None:
        with pytest.raises(InvalidConfig, match=next(iter(settings))):
            Config.from_dict(settings)
