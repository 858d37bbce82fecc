"""The command line: helps, statuses and what it says of mistakes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from jobs.cli import COMMANDS, commands

DATA = Path(__file__).parent.parent.parent / "data"
CASES = DATA / "promotions.jsonl"


class TestEveryCommand:
    @pytest.mark.parametrize("name", COMMANDS)
    def test_explains_itself(self, name: str) -> None:
        done = CliRunner().invoke(commands, [name, "--help"])

        assert done.exit_code == 0
        assert done.stdout.startswith("Usage:")

    def test_that_does_not_exist_is_wrong_usage(self) -> None:
        assert CliRunner().invoke(commands, ["sell"]).exit_code == 2


class TestPrice:
    def test_writes_one_quote_a_line(self, tmp_path: Path) -> None:
        cases = tmp_path / "cases.jsonl"
        cases.write_text("\n".join(CASES.read_text().splitlines()[:3]) + "\n")

        done = CliRunner().invoke(commands, ["promotions", "price", str(cases)])

        assert done.exit_code == 0
        quotes = [json.loads(line) for line in done.stdout.splitlines()]
        assert [quote["net"] for quote in quotes] == ["390.00", "290.00", "72.00"]

    @pytest.mark.parametrize(
        ("file", "count"), [("promotions.jsonl", 85), ("own-promotions.jsonl", 163)]
    )
    def test_finds_that_all_cases_are_as_expected(self, file: str, count: int) -> None:
        done = CliRunner().invoke(
            commands, ["promotions", "price", str(DATA / file), "--check"]
        )

        assert done.exit_code == 0
        assert done.stdout.endswith(f"{count} cases, 0 differences\n")

    def test_finds_what_differs(self, tmp_path: Path) -> None:
        case = json.loads(CASES.read_text().splitlines()[0])
        case["expected"]["net"] = "1.00"
        cases = tmp_path / "cases.jsonl"
        cases.write_text(json.dumps(case))

        done = CliRunner().invoke(
            commands, ["promotions", "price", str(cases), "--check"]
        )

        assert done.exit_code == 1
        assert "1 cases, 1 differences" in done.stdout

    def test_names_the_line_that_is_no_json(self, tmp_path: Path) -> None:
        cases = tmp_path / "cases.jsonl"
        cases.write_text("{}x\n")

        done = CliRunner().invoke(commands, ["promotions", "price", str(cases)])

        assert done.exit_code == 1
        assert f"{cases}:1: no JSON" in done.stderr


class TestMain:
    def test_says_every_wrong_setting_in_one_go(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "jobs.cli", "config", "check"],
            env={
                "LOYALTY_DATABASE_URL": "mysql://nowhere",
                "LOYALTY_REDIS_URL": "redis://127.0.0.1:1/0",
                "LOYALTY_SECRET_KEY": "short",
                "LOYALTY_SMPT_URL": "smtp://mail",
                "LOYALTY_DATA_DIR": str(tmp_path),
            },
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 1
        for said in ("DATABASE_URL", "SECRET_KEY", "LOYALTY_SMPT_URL is not a setting"):
            assert said in done.stderr
        assert "Traceback" not in done.stderr

    def test_names_a_wallet_key_that_does_not_fit(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "jobs.cli", "config", "check"],
            env={
                "LOYALTY_DATABASE_URL": "postgresql+psycopg://shop@127.0.0.1:1/shop",
                "LOYALTY_REDIS_URL": "redis://127.0.0.1:1/0",
                "LOYALTY_SECRET_KEY": "s" * 32,
                "LOYALTY_DATA_DIR": str(tmp_path),
                "LOYALTY_GOOGLE_WALLET_KEY_FILE": str(tmp_path / "none.json"),
                "LOYALTY_GOOGLE_WALLET_CLASS_ID": "3388.loyalty",
            },
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 1
        assert "wallets   LOYALTY_GOOGLE_WALLET_KEY_FILE can't be read" in done.stdout
        assert "Traceback" not in done.stderr
