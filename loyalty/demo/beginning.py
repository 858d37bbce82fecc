"""Beginning the demo anew, asked for on a page and done by who runs the demo.

The page leaves a note; the process that started everything finds it, stops the rest,
forgets the shop and starts again. The note goes with what is forgotten.
"""

from pathlib import Path


def ask_to_begin_anew(data_dir: Path) -> None:
    """Leave the note."""
    note = _note(data_dir)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.touch()


def is_asked_to_begin_anew(data_dir: Path) -> bool:
    """Test whether the note is there."""
    return _note(data_dir).exists()


def _note(data_dir: Path) -> Path:
    return data_dir / "demo" / "begin-anew"
