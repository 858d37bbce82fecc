"""Batches of letters, read back from their PDF."""

import csv
from pathlib import Path

import pytest
from pypdf import PdfReader

from jobs.channels.base import Answer, Channel, Receipt
from jobs.channels.letter import LetterChannel, sending
from loyalty.delivery.values import OutgoingMessage
from tests.integration.channels.situations import POST_ADDRESS, message

SENDER = "Lab market, Prosta 2, 00-002 Warszawa"
MILLIMETRE = 72 / 25.4


def letter(key: str, **changes: object) -> OutgoingMessage:
    return message(address=POST_ADDRESS, handover_key=key, **changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "letters"


@pytest.fixture
def channel(folder: Path) -> LetterChannel:
    return LetterChannel(folder, SENDER, cost=1_200_000)


def batches(folder: Path) -> list[Path]:
    return sorted(
        one for one in folder.iterdir() if one.is_dir() and one.name.startswith("20")
    )


def send(channel: Channel, *letters: OutgoingMessage) -> None:
    with channel.open() as sender:
        for one in letters:
            sender.send(one)


class TestBatchOfLetters:
    def test_is_a_pdf_and_a_manifest(
        self, channel: LetterChannel, folder: Path
    ) -> None:
        send(channel, letter("a1"), letter("b2", text="x\n\n" * 80), letter("c3"))

        (batch,) = batches(folder)
        pages = PdfReader(batch / "letters.pdf").pages
        with (batch / "manifest.csv").open(newline="") as file:
            rows = list(csv.reader(file))
        assert rows == [
            ["number", "key", "language", "first_page", "pages"],
            ["1", "a1", "en", "1", "1"],
            ["2", "b2", "en", "2", "3"],
            ["3", "c3", "en", "5", "1"],
        ]
        assert len(pages) == 5
        text = pages[0].extract_text()
        assert "Coffee: 20 % off." in text
        assert SENDER in text
        assert sorted(one.name for one in batch.iterdir()) == [
            "letters.pdf",
            "manifest.csv",
        ]

    def test_shows_the_address_in_the_window(
        self, channel: LetterChannel, folder: Path
    ) -> None:
        for language in ("en", "fa"):
            send(channel, letter(f"k-{language}", language=language))
        for batch in batches(folder):
            page = PdfReader(batch / "letters.pdf").pages[0]
            found: dict[str, tuple[float, float]] = {}

            def visit(
                text: str,
                _cm: object,
                tm: list[float],
                *_: object,
                seen: dict[str, tuple[float, float]] = found,
                top: float = float(page.mediabox.height),
            ) -> None:
                seen[text.strip()] = (tm[4] / MILLIMETRE, (top - tm[5]) / MILLIMETRE)

            page.extract_text(visitor_text=visit)
            for line in POST_ADDRESS.split("\n"):
                left, down = found[line]
                # The window of DIN 680 shows 20-110 mm across, 45-90 mm down.
                assert 24 < left < 28
                assert 62.7 < down < 90

    def test_has_the_letters_of_every_language(
        self, channel: LetterChannel, folder: Path
    ) -> None:
        words = {
            "pl": "Zażółć gęślą jaźń",
            "ru": "Съешь же ещё этих мягких булок",
            "sl": "Čez žejo ščebeta šušljajoč",
        }
        send(
            channel,
            *(letter(code, language=code, text=text) for code, text in words.items()),
        )

        (batch,) = batches(folder)
        pages = PdfReader(batch / "letters.pdf").pages
        said = "\n".join(page.extract_text() for page in pages)
        for text in words.values():
            assert text in said

    def test_warns_of_no_glyph_in_persian(
        self, channel: LetterChannel, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        send(channel, letter("fa", language="fa", text="سلام! ۲۰٪ تخفیف برای قهوه"))

        assert batches(folder)
        assert "missing glyph" not in caplog.text.lower()
        assert "missing" not in caplog.text.lower()

    def test_takes_up_what_was_killed(
        self, channel: LetterChannel, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def killed(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as broken:
            broken.setattr(sending, "write_batch", killed)
            send(channel, letter("a1"))
        assert batches(folder)[0].suffix == ".part"
        assert channel.ask("a1") == Answer(
            accepted=True, receipt=Receipt(cost=1_200_000)
        )
        assert channel.ask("b2") == Answer(accepted=False)

        send(channel, letter("a1"), letter("b2"))

        done = batches(folder)
        assert [one.suffix for one in done] == ["", ""]
        keys = [(one / "manifest.csv").read_text().count(",en,") for one in done]
        assert sorted(keys) == [1, 1]

    def test_is_none_when_nothing_was_written(
        self, channel: LetterChannel, folder: Path
    ) -> None:
        send(channel)
        send(channel, letter("a1"))
        send(channel, letter("a1"))

        assert len(batches(folder)) == 1

    def test_can_be_read_by_its_owner_alone(
        self, channel: LetterChannel, folder: Path
    ) -> None:
        send(channel, letter("a1"))

        (batch,) = batches(folder)
        for one in (batch / "letters.pdf", batch / "manifest.csv"):
            assert one.stat().st_mode & 0o777 == 0o600
