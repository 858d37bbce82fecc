"""A marketer's template as a letter."""

import re
from datetime import date
from typing import Final

from loyalty.core.texts import current_language, format_date, format_number
from loyalty.customers.values import Channel
from loyalty.delivery.render.builtin import Filling, until_words
from loyalty.delivery.render.letters import Letter
from loyalty.delivery.values import OwnWords
from loyalty.templates.rules import Figure, Values, chosen_language, fill
from loyalty.templates.values import Part, part_for

_PARAGRAPHS: Final = re.compile(r"\n[ \t]*\n\s*")


def own_letter(words: OwnWords, filling: Filling) -> Letter:
    """
    Fill a marketer's words in, in the language in use or the next best.

    :raises WordsFail: if they can't be filled in
    """
    version = words.version
    language = chosen_language(version.texts, current_language())
    parts = version.texts.get(language, {})
    values = _values(words, filling)

    def text(*wanted: Part) -> str:
        part = next((one for one in wanted if parts.get(one)), None)
        if part is None:
            return ""
        return fill(parts[part], purpose=version.purpose, part=part, values=values)

    paper = filling.channel is Channel.LETTER
    body = text(Part.LETTER, Part.BODY) if paper else text(Part.BODY)
    short = part_for(filling.channel) if filling.channel else Part.BRIEF
    return Letter(
        subject=text(Part.SUBJECT),
        preheader=text(Part.PREHEADER),
        paragraphs=tuple(_PARAGRAPHS.split(body)),
        button=text(Part.BUTTON) or None,
        url=filling.url,
        brief=text(short, Part.BRIEF),
    )


def _values(words: OwnWords, filling: Filling) -> Values:
    expiring = filling.parameters.get("points")
    return {
        "first_name": filling.first_name or "",
        "shop": filling.text("shop"),
        "card": words.card,
        "points": _figure(words.points),
        "link": filling.url or "",
        "sentence": filling.text("sentence"),
        "why": filling.text("why"),
        "terms": filling.text("terms"),
        "valid_until": until_words(filling) if filling.text("valid_until") else "",
        "offers": _offers(filling),
        "expiring": _figure(expiring if isinstance(expiring, int) else 0),
        "expiries": [
            {
                "last_day": format_date(
                    date.fromisoformat(one["last_day"]), style="full"
                ),
                "points": _figure(int(one["points"])),
            }
            for one in filling.records("expiries")
        ],
    }


def _offers(filling: Filling) -> list[dict[str, str | int]]:
    """Return all offers of the message; of an older one, the only one."""
    listed = filling.records("offers")
    if not listed and filling.text("sentence"):
        listed = [
            {name: filling.text(name) for name in ("sentence", "why", "valid_until")}
        ]
    found: list[dict[str, str | int]] = []
    for one in listed:
        alone = Filling(parameters=dict(one), zone=filling.zone)
        ends = until_words(alone) if one.get("valid_until") else ""
        found.append({**one, "valid_until": ends})
    return found


def _figure(number: int) -> Figure:
    return Figure.of(number, format_number(number))
