"""STOP and START in customers' own words, in five languages."""

import unicodedata
from typing import Final

_STOP: Final = frozenset(
    (
        *("stop", "stopall", "unsubscribe", "cancel", "end", "quit"),  # the carriers'
        *("koniec", "rezygnuje", "wypisz", "zatrzymaj"),
        *("стоп", "отписаться", "отписка", "отмена"),
        *("ustavi", "odjava", "odjavi", "konec", "prekini"),
        *("لغو", "توقف", "پایان"),
    )
)
_START: Final = frozenset(
    (
        *("start", "unstop", "subscribe"),
        *("wznow", "zapisz"),
        *("старт", "подписаться"),
        *("zacni", "prijava"),
        "شروع",
    )
)
_LETTERS: Final = str.maketrans({"ł": "l", "ي": "ی", "ك": "ک", "\u200c": None})


def means(text: str) -> bool | None:
    """
    Tell a STOP (False) from a START (True); None is any other text.

    The whole text has to be the word: "stop" in a sentence may mean anything.
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    word = "".join(one for one in plain if one.isalpha())
    if word in _STOP:
        return False
    return True if word in _START else None
