"""Invariant 10: the hash chain, computed again from the rows."""

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty.points.rules.sealing import GENESIS, both_digests, seal

# A row as text quotes what it holds and tells NULL from nothing, so that no two rows
# have one text; moments and bytes are written so that no setting changes them.
_TRANSFER: Final = """
    sha256(convert_to(row(t.customer_id, t.version, extract(epoch FROM t.at), t.kind,
        t.debit, t.credit, t.amount, t.balance_after, t.pending_after, t.request_key,
        encode(t.request_hash, 'hex'), t.reply, t.reverses, t.purchase_id, t.store_id,
        t.rule_version, extract(epoch FROM t.expires_at), t.link, t.reason,
        t.actor)::text, 'UTF8'))
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

_NOTES: Final = """
    SELECT s.seal_number, count(*), sha256(string_agg(sha256(convert_to(row(a.id,
        extract(epoch FROM a.at), a.actor, a.action, a.subject, a.before,
        a.after)::text, 'UTF8')), '' ORDER BY a.id)) AS block
    FROM audit_sealed s JOIN audit_entry a ON a.id = s.entry_id
    WHERE s.seal_number >= :since
    GROUP BY s.seal_number
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """What a seal covers."""

    transfers: int = 0
    notes: int = 0
    """How many entries of the audit."""

    digest: bytes = b""


def blocks(session: Session, *, since: int = 1) -> dict[int, Block]:
    """Return what each seal covers, with the digest over its rows."""
    found: dict[int, Block] = {}
    movements = text(_BLOCKS.format(transfer=_TRANSFER))
    for number, count, digest in session.execute(movements, {"since": since}):
        found[number] = Block(transfers=count, digest=bytes(digest))
    for number, count, digest in session.execute(text(_NOTES), {"since": since}):
        block = found.get(number, Block())
        both = both_digests(block.digest, bytes(digest))
        found[number] = replace(block, notes=count, digest=both)
    return found


def broken_seals(session: Session) -> tuple[str, ...]:
    """Return a sentence for each seal that the rows do not agree with."""
    found = blocks(session)
    before, expected = GENESIS, 1
    said = []
    seals = session.execute(
        text(
            "SELECT number, at, transfers, notes, digest FROM points_seal"
            " ORDER BY number"
        )
    )
    for number, at, transfers, notes, digest in seals:
        if number != expected:
            said.append(f"Seal {expected} is missing.")
        block = found.pop(number, Block())
        what = f"Seal {number} of {at:%Y-%m-%d %H:%M}"
        if (block.transfers, block.notes) != (transfers, notes):
            said.append(
                f"{what} covers {transfers} movements and {notes} entries of the"
                f" audit, {block.transfers} and {block.notes} are there."
            )
        elif seal(before, number=number, block=block.digest) != digest:
            said.append(
                f"{what} does not fit: one of its {transfers} movements or {notes}"
                " entries of the audit was altered, or the seal before it."
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
