"""The answer of a purchase as it is kept for a replay: without its codes.

Codes are kept as digests elsewhere, so here too each gives way to a stand-in. Whoever
replays sends the same request, with the codes, and gets the same answer, byte for byte.
"""

import json
from collections.abc import Sequence

from sqlalchemy.orm import Session

from loyalty.promotions.queries.codes import digests_of


def without_codes(session: Session, *, reply: str, codes: Sequence[str]) -> str:
    """Return an answer with a stand-in for each value that is a code."""
    for code, stand_in in _stand_ins(session, codes):
        reply = reply.replace(code, stand_in)
    return reply


def with_codes(session: Session, *, reply: str, codes: Sequence[str]) -> str:
    """Return the answer as it was given, by the codes that were asked with."""
    for code, stand_in in reversed(_stand_ins(session, codes)):
        reply = reply.replace(stand_in, code)
    return reply


def _stand_ins(session: Session, codes: Sequence[str]) -> list[tuple[str, str]]:
    """
    Return each code and its stand-in, as JSON strings.

    A digest occurs in no answer, and the place keeps two spellings of one code apart:
    so putting the codes back undoes taking them out, whatever they look like.
    """
    texts = list(dict.fromkeys(codes))
    return (
        [
            (
                json.dumps(code, ensure_ascii=False),
                json.dumps(f"{place}#{digest.hex()}"),
            )
            for place, (code, digest) in enumerate(
                zip(texts, digests_of(session, texts), strict=True)
            )
        ]
        if texts
        else []
    )
