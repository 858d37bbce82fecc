import numpy as np
from scipy import sparse

from recommender.data import Customer
from recommender.dataset import Events, History
from recommender.evaluation.rows import HEAVY, LANGUAGE, LIGHT, NEW_CUSTOMERS, STORE
from recommender.evaluation.segments import segments
from recommender.features import Audience


def make_audience(baskets: list[int]) -> Audience:
    """Return customers with so many baskets, one a day, up to day 99."""
    rows = [(who, 0, 99 - back) for who, n in enumerate(baskets) for back in range(n)]
    columns = np.array(sorted(rows), np.int32).reshape(-1, 3)
    events = Events(
        ids=np.arange(len(baskets), dtype=np.int64),
        n_items=1,
        customers=columns[:, 0],
        items=columns[:, 1],
        days=columns[:, 2],
    )
    nothing = sparse.csr_array((len(baskets), 1), dtype=np.float32)
    return Audience(
        ids=events.ids,
        events=events,
        history=History.of(events, day=100, half_life=10),
        wishes=nothing,
        features=nothing,
    )


class TestSegments:
    def test_tell_heavy_from_light_and_new(self) -> None:
        baskets = [0, 3, 4, 5, 20, 21, 40, 41]
        customers = [Customer(id=n) for n in range(len(baskets))]
        found = segments(make_audience(baskets), customers)
        assert found.keys() == {HEAVY, LIGHT, NEW_CUSTOMERS}
        assert np.flatnonzero(found[NEW_CUSTOMERS]).tolist() == [0, 1]
        assert np.flatnonzero(found[LIGHT]).tolist() == [2, 3]
        assert np.flatnonzero(found[HEAVY]).tolist() == [6, 7]

    def test_name_languages_and_stores_of_enough_customers(self) -> None:
        customers = [
            Customer(id=n, language="en" if n < 60 else "sl", store="S1")
            for n in range(100)
        ]
        found = segments(make_audience([5] * 100), customers)
        assert found[LANGUAGE + "en"].sum() == 60
        assert LANGUAGE + "sl" not in found
        assert found[STORE + "S1"].all()

    def test_of_nobody_are_empty(self) -> None:
        assert not segments(make_audience([]), [])[HEAVY].any()
