from concurrent.futures import Future

import pytest

from recommender.scoring import executor_at


class TestExecutorAt:
    def test_computes_on_threads_here(self) -> None:
        with executor_at() as executor:
            assert executor.submit(sum, [1, 2]).result() == 3
            assert executor.size >= 1

    def test_does_not_finish_what_nobody_waits_for(self) -> None:
        with executor_at() as executor:
            waiting: list[Future[None]] = [
                executor.submit(lambda: None) for _ in range(10_000)
            ]
        assert all(future.done() for future in waiting)
        with pytest.raises(RuntimeError):
            executor.submit(sum, [])
