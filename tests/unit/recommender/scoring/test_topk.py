import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from recommender.data import FloatArray, Sparse
from recommender.scoring.topk import Best, TooManyTargets, top_k


def vectors(rows: int, seed: int, components: int = 3, levels: int = 3) -> FloatArray:
    """Return small whole numbers: their products are exact, and many are equal."""
    chance = np.random.default_rng(seed)
    found = chance.integers(-levels, levels + 1, (rows, components))
    return found.astype(np.float32)


def by_sorting(
    customers: FloatArray, targets: FloatArray, k: int, blocked: Sparse = None
) -> Best:
    scores = customers @ targets.T
    if blocked is not None:
        scores[blocked.toarray() > 0] = -np.inf
    places = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    best = np.take_along_axis(scores, places, axis=1)
    places = np.where(np.isneginf(best), -1, places)
    return Best(places=places.astype(np.int32), scores=best)


def blocks(customers: int, targets: int, seed: int, share: float) -> Sparse:
    chance = np.random.default_rng(seed)
    return sparse.csr_array(chance.random((customers, targets)) < share)


def same(found: Best, expected: Best) -> bool:
    return np.array_equal(found.places, expected.places) and np.array_equal(
        found.scores, expected.scores
    )


SIZES = st.integers(1, 70)
SHARES = st.sampled_from([0.0, 0.1, 0.9, 1.0])


class TestTopK:
    @given(
        customers=SIZES, targets=SIZES, k=st.integers(1, 80), seed=SIZES, share=SHARES
    )
    def test_finds_what_sorting_finds_equals_in_order(
        self, customers: int, targets: int, k: int, seed: int, share: float
    ) -> None:
        given_ = vectors(customers, seed), vectors(targets, seed + 1), k
        blocked = blocks(customers, targets, seed, share)
        found = top_k(*given_, blocked=blocked)
        assert same(found, by_sorting(*given_, blocked))

    @pytest.mark.parametrize(("targets", "k"), [(3_000, 10), (2_500, 40), (700, 700)])
    def test_finds_it_among_many(self, targets: int, k: int) -> None:
        given_ = vectors(300, 1, 16, 40), vectors(targets, 2, 16, 40), k
        assert same(top_k(*given_), by_sorting(*given_))

    def test_is_the_same_in_blocks_and_to_the_bit_with_threads(self) -> None:
        chance = np.random.default_rng(5)
        customers = chance.standard_normal((9_000, 24), dtype=np.float32)
        targets = chance.standard_normal((501, 24), dtype=np.float32)
        blocked = blocks(9_000, 501, 3, 0.01)
        whole = top_k(customers, targets, 10, blocked=blocked)
        assert same(top_k(customers, targets, 10, blocked=blocked, threads=3), whole)
        for size in (1, 1_000, 4_096):
            part = slice(2_000, 2_000 + size)
            found = top_k(customers[part], targets, 10, blocked=blocked[part])
            assert np.array_equal(found.places, whole.places[part])
            np.testing.assert_allclose(found.scores, whole.scores[part], rtol=1e-5)

    def test_never_gives_what_is_blocked(self) -> None:
        blocked = blocks(50, 30, 4, 0.5)
        found = top_k(vectors(50, 1), vectors(30, 2), 30, blocked=blocked).places
        dense: NDArray[np.bool_] = blocked.toarray() > 0
        for row, places in enumerate(found):
            assert not dense[row, places[places >= 0]].any()
            assert (places >= 0).sum() == 30 - dense[row].sum()

    def test_gives_all_if_more_are_asked_for(self) -> None:
        found = top_k(vectors(2, 1), vectors(3, 2), 10)
        assert found.places.shape == (2, 3)

    def test_finds_nothing_among_nothing(self) -> None:
        assert top_k(vectors(0, 1), vectors(3, 2), 2).places.shape == (0, 2)
        assert top_k(vectors(2, 1), vectors(0, 2), 2).places.shape == (2, 0)

    def test_takes_zeros_of_both_signs_for_equal(self) -> None:
        targets = np.array([[-0.0], [0.0], [-0.0]], np.float32)
        found = top_k(np.ones((1, 1), np.float32), targets, 3)
        assert found.places.tolist() == [[0, 1, 2]]

    def test_refuses_more_targets_than_it_can_tell_apart(self) -> None:
        with pytest.raises(TooManyTargets, match="At most 2097151"):
            top_k(vectors(1, 1), np.zeros((1 << 21, 1), np.float32), 1)
