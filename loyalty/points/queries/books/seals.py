"""Invariant 10: the hash chain, computed again from the rows."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty.points.rules.sealing import GENESIS, seal

_TRANSFER: Final = """
    sha256(convert_to(concat_ws('|', t.customer_id, t.version,
        extract(epoch FROM t.at), t.kind, t.debit, t.credit, t.amount,
        t.balance_after, t.pending_after, t.request_key,
        encode(t.request_hash, 'hex'), t.reply, coalesce(t.reverses, 0),
        coalesce(t.purchase_id, 0), coalesce(t.store_id, 0),
        coalesce(t.rule_version, 0), coalesce(extract(epoch FROM t.expires_at), 0),
        coalesce(t.link, ''), coalesce(t.reason, ''), t.actor), 'UTF8'))
"""

_BLOCKS: Final = """
    SELECT b.seal_number, count(*), sha256(string_agg({transfer} || coalesce(
        sha256(convert_to(u.uses, 'UTF8')), ''), ''
        ORDER BY t.customer_id, t.version)) AS block
    FROM points_sealed b
    JOIN points_transfer t ON t.customer_id = b.customer_id
        AND t.version BETWEEN b.from_version AND b.until_version
    LEFT JOIN LATERAL (
        SELECT string_agg(concat_ws(':', lot_version, lot_place, points), ','
            ORDER BY lot_version, lot_place) AS uses
        FROM points_lot_use
        WHERE customer_id = t.customer_id AND version = t.version
    ) u ON true
    WHERE b.seal_number >= :since
    GROUP BY b.seal_number
"""


def blocks(session: Session, *, since: int = 1) -> dict[int, tuple[int, bytes]]:
    """Return how many movements each seal's block has, and their digest."""
    rows = session.execute(text(_BLOCKS.format(transfer=_TRANSFER)), {"since": since})
    return {number: (count, bytes(block)) for number, count, block in rows}


def broken_seals(session: Session) -> tuple[str, ...]:
    """Return a sentence for each seal that the rows do not agree with."""
    found = blocks(session)
    before, expected = GENESIS, 1
    said = []
    seals = session.execute(
        text("SELECT number, at, transfers, digest FROM points_seal ORDER BY number")
    )
    for number, at, transfers, digest in seals:
        if number != expected:
            said.append(f"Seal {expected} is missing.")
        count, block = found.pop(number, (0, b""))
        whole = seal(before, number=number, block=block)
        if count != transfers:
            said.append(
                f"Seal {number} of {at:%Y-%m-%d %H:%M} covers {transfers} movements,"
                f" {count} are there."
            )
        elif whole != digest:
            said.append(
                f"Seal {number} of {at:%Y-%m-%d %H:%M} does not fit: one of its"
                f" {transfers} movements was altered, or the seal before it."
            )
        before, expected = bytes(digest), number + 1
    said += [f"Seal {number} is missing." for number in sorted(found)]
    said += [str(row.said) for row in session.execute(text(_GAPS))]
    return tuple(said)


_GAPS: Final = """
    SELECT format('Member %s: the seals leave out movements before %s', customer_id,
        from_version) AS said
    FROM (
        SELECT customer_id, from_version, coalesce(lag(until_version) OVER (
            PARTITION BY customer_id ORDER BY until_version), 0) AS sealed
        FROM points_sealed
    ) b WHERE from_version <> sealed + 1
    LIMIT 20
"""
