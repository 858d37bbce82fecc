"""The tables of queues and jobs, and what a job may run."""

import inspect
import json
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from redis import Redis
from rq.serializers import JSONSerializer

from jobs.queues import JOBS, AllowedJob, JobNotAllowed, JobSpec, QueueName
from jobs.schedules import SCHEDULES


def load(path: str) -> Callable[..., object]:
    module, _, name = path.rpartition(".")
    function: Callable[..., object] = getattr(import_module(module), name)
    return function


def job(function: str, *, args: tuple[object, ...] = (), **fields: bytes) -> AllowedJob:
    """Return a job as the worker gets it from Valkey; nothing is connected."""
    made = AllowedJob("1", connection=Redis(), serializer=JSONSerializer)
    data = json.dumps([function, None, args, {}]).encode()
    made.restore({b"data": data, **{k.encode(): v for k, v in fields.items()}})
    return made


class TestQueueName:
    def test_has_a_worker_each_in_production(self) -> None:
        compose = Path(__file__).parents[3] / "compose.yaml"
        served = re.findall(r"command: \[worker, (\w+)\]", compose.read_text())

        assert sorted(served) == sorted(set(QueueName) - {QueueName.DEMO})


class TestJobs:
    @pytest.mark.parametrize(("name", "spec"), JOBS.items())
    def test_exist_and_take_only_keyword_arguments(
        self, name: str, spec: JobSpec
    ) -> None:
        function = load(spec.path)

        assert function.__name__ == name
        kinds = {p.kind for p in inspect.signature(function).parameters.values()}
        assert kinds <= {inspect.Parameter.KEYWORD_ONLY}

    def test_every_schedule_rings_one_of_them(self) -> None:
        assert {schedule.job for schedule in SCHEDULES} <= set(JOBS)


class TestAllowedJob:
    def test_finds_a_function_of_the_table(self) -> None:
        assert job("jobs.tasks.delivery.drain").func is load(JOBS["drain"].path)

    @pytest.mark.parametrize(
        "name",
        [
            "os.system",
            "builtins.eval",
            "jobs.tasks.delivery._claim",
            "jobs.tasks.delivery.os.system",
            "drain",
            "",
        ],
    )
    def test_refuses_any_other(self, name: str) -> None:
        with pytest.raises(JobNotAllowed):
            _ = job(name).func

    def test_refuses_positional_arguments(self) -> None:
        with pytest.raises(JobNotAllowed):
            _ = job("jobs.tasks.delivery.drain", args=("email", 1)).func

    def test_reads_neither_callbacks_nor_webhooks(self) -> None:
        hostile = job(
            "jobs.tasks.delivery.drain",
            success_callback_name=b"os.abort",
            failure_callback_name=b"os.abort",
            stopped_callback_name=b"os.abort",
            webhooks=json.dumps([{"url": "http://169.254.169.254/"}]).encode(),
        )

        assert hostile.success_callback is None
        assert hostile.failure_callback is None
        assert hostile.stopped_callback is None
        assert not hostile.webhooks
