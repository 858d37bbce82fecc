from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from recommender.allocation.limits import Numbers
from recommender.exploration import Estimate, Logged, dr, ips, snips

OFFERS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """Customers, how likely they take each offer, and what two models say of it."""

    chance: np.random.Generator
    taken: Numbers
    running: Numbers
    new: Numbers

    @classmethod
    def of(cls, seed: int, customers: int = 40_000) -> "World":
        chance = np.random.default_rng(seed)
        taken = chance.beta(1, 9, (customers, OFFERS))
        shape = taken.shape
        return cls(
            chance=chance,
            taken=taken,
            running=taken + chance.normal(0, 0.08, shape),
            new=taken + chance.normal(0, 0.04, shape),
        )

    def log(self, running: Numbers, new: Numbers) -> tuple[Logged, Numbers]:
        """Draw one offer for each by one policy; return also which."""
        draw = self.chance.random((len(running), 1))
        offer = (np.cumsum(running, axis=1) > draw).argmax(axis=1)
        row = np.arange(len(running))
        rewards = self.chance.random(len(row)) < self.taken[row, offer]
        log = Logged(
            lists=row.astype(np.int64),
            ranks=np.ones(len(row), np.int32),
            propensity=running[row, offer],
            target=new[row, offer],
            rewards=rewards.astype(np.float64),
        )
        return log, offer

    def truth(self, policy: Numbers) -> float:
        return float((policy * self.taken).sum(axis=1).mean())


def softmax(scores: Numbers, temperature: float = 0.06) -> Numbers:
    weights = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
    found: Numbers = weights / weights.sum(axis=1, keepdims=True)
    return found


def greedy(scores: Numbers) -> Numbers:
    """Return a policy of the best, and anything one in twenty times."""
    found = np.full(scores.shape, 0.05 / OFFERS)
    found[np.arange(len(scores)), scores.argmax(axis=1)] += 0.95
    return found


def judged(world: World, policy: Callable[[Numbers], Numbers]) -> list[Estimate]:
    running, new = policy(world.running), softmax(world.new)
    log, offer = world.log(running, new)
    predicted = np.clip(world.new, 0, 1)
    expected = (new * predicted).sum(axis=1)
    row = np.arange(len(offer))
    return [ips(log), snips(log), dr(log, predicted[row, offer], expected)]


class TestEstimates:
    @pytest.mark.parametrize("seed", range(5))
    def test_are_within_a_few_percent_from_softmax_draws(self, seed: int) -> None:
        world = World.of(seed)
        truth = world.truth(softmax(world.new))
        for estimate in judged(world, softmax)[1:]:
            assert estimate.value == pytest.approx(truth, rel=0.06)
            assert estimate.low < estimate.value < estimate.high
            assert estimate.effective > 2_000

    def test_hold_the_truth_in_their_intervals_about_as_often_as_they_say(self) -> None:
        held = np.zeros(3)
        for seed in range(60):
            world = World.of(100 + seed, 4_000)
            truth = world.truth(softmax(world.new))
            held += [e.low <= truth <= e.high for e in judged(world, softmax)]
        assert (held >= 52).all()

    def test_say_little_from_the_best_and_a_few_at_random(self) -> None:
        widths = {}
        for policy in (softmax, greedy):
            found = judged(World.of(1), policy)[1]
            widths[policy.__name__] = (found.high - found.low, found.effective)
        assert widths["greedy"][0] > 2 * widths["softmax"][0]
        assert widths["greedy"][1] < widths["softmax"][1] / 5

    def test_are_right_by_the_prediction_alone_or_the_weights_alone(self) -> None:
        world = World.of(4)
        new = softmax(world.new)
        log, offer = world.log(softmax(world.running), new)
        row = np.arange(len(offer))
        nothing = np.zeros(len(row))
        right = dr(log, world.taken[row, offer], (new * world.taken).sum(axis=1))
        blind = dr(log, nothing, nothing, clip=1e9)
        assert right.value == pytest.approx(world.truth(new), rel=0.06)
        assert right.high - right.low < blind.high - blind.low
        assert blind.value == pytest.approx(ips(log).value)

    def test_multiply_along_a_list(self) -> None:
        log = Logged(
            lists=np.array([7, 3, 7, 7]),
            ranks=np.array([2, 1, 1, 3], np.int32),
            propensity=np.array([0.5, 0.5, 0.25, 0.2]),
            target=np.array([0.25, 0.5, 0.5, 0.8]),
            rewards=np.array([1.0, 0.0, 1.0, 1.0]),
        )
        before, weights = log.weights()
        assert before.tolist() == [2, 1, 1, 1]
        assert weights.tolist() == [1, 1, 2, 4]
        assert ips(log).value == (1 + 2 + 4) / 2
        assert ips(log).lists == 2

    def test_know_a_policy_by_its_own_log(self) -> None:
        world = World.of(2, 500)
        running = softmax(world.running)
        log, _ = world.log(running, running)
        mean = log.rewards.mean()
        assert ips(log).value == pytest.approx(mean)
        assert snips(log).value == pytest.approx(mean)
        assert ips(log).effective == pytest.approx(500)

    def test_of_nothing_are_nothing(self) -> None:
        none = np.zeros(0)
        log = Logged(
            lists=none.astype(np.int64),
            ranks=none.astype(np.int32),
            propensity=none,
            target=none,
            rewards=none,
        )
        assert [e.value for e in (ips(log), snips(log), dr(log, none, none))] == [0] * 3

    @pytest.mark.parametrize(
        ("propensity", "ranks", "named"),
        [
            ([0.5, 0.0], [1, 2], "above 0"),
            ([0.5], [1, 2], "one length"),
            ([0.5, 0.5], [1, 3], "ranks"),
            ([0.5, 0.5], [2, 3], "ranks"),
        ],
    )
    def test_refuse_a_log_that_cannot_be_weighed(
        self, propensity: list[float], ranks: list[int], named: str
    ) -> None:
        with pytest.raises(ValueError, match=named):
            Logged(
                lists=np.array([1, 1]),
                ranks=np.array(ranks, np.int32),
                propensity=np.array(propensity),
                target=np.array([0.5, 0.5]),
                rewards=np.array([0.0, 1.0]),
            )
