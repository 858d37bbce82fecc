"""Letters: spooled one by one, printed in batches."""

from jobs.channels.letter.sending import LetterChannel

__all__ = ["LetterChannel"]
