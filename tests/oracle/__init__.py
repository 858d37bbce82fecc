"""
An oracle for prices that tries everything, and shares no code with the engine.

It is written from the contract alone and enumerates, unit by unit, every permitted
combination of a small basket: slow, and plainly right. It reads the same documents as
``loyalty promotions price``, without audiences, hours and codes: those only decide
whether a promotion may apply, and have cases of their own.
"""

from tests.oracle.combining import best
from tests.oracle.finishing import Answer
from tests.oracle.in_turn import in_turn
from tests.oracle.reading import Document

__all__ = ["Answer", "Document", "best", "in_turn"]
