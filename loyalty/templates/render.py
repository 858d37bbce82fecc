"""What is wrong with words, for marketers, and words to begin with."""

from collections.abc import Callable, Mapping
from typing import Final

from loyalty.core.texts import format_language, format_number, use_language
from loyalty.core.texts import gettext as _
from loyalty.templates.values import Flaw, FlawKind, Part, TemplatePurpose


def part_name(part: Part) -> str:
    """Return what a part is called on a page."""
    return {
        Part.SUBJECT: _("Subject"),
        Part.PREHEADER: _("Line beside the subject"),
        Part.BODY: _("Text of the mail"),
        Part.BUTTON: _("Button"),
        Part.BRIEF: _("Short text"),
        Part.SMS: _("Text message"),
        Part.PUSH: _("Notification"),
        Part.TELEGRAM: _("Telegram"),
        Part.TILL: _("Receipt"),
        Part.LETTER: _("Letter"),
    }[part]


def purpose_name(purpose: TemplatePurpose) -> str:
    """Return what a template is for."""
    return {
        TemplatePurpose.OFFER: _("An offer"),
        TemplatePurpose.BIRTHDAY: _("A birthday"),
        TemplatePurpose.FIRST_PURCHASE: _("After the first purchase"),
        TemplatePurpose.LAPSED: _("Not seen for long"),
        TemplatePurpose.POINTS_EXPIRING: _("Points expire soon"),
        TemplatePurpose.SERVICE: _("Service"),
    }[purpose]


def word_hint(word: str) -> str:
    """Return what a word of the vocabulary stands for."""
    return {
        "first_name": _("the customer's first name; may be empty"),
        "shop": _("the name of the programme"),
        "card": _("the last four digits of the card"),
        "points": _("the balance of points"),
        "link": _("where the button leads"),
        "sentence": _("the offer in one sentence"),
        "why": _("why this customer gets it"),
        "terms": _("the terms; they are at the end in any case"),
        "valid_until": _("until when the offer counts"),
        "offers": _("all offers of the customer, for a list"),
        "expiring": _("how many points expire"),
        "expiries": _("when how many points expire, for a list"),
    }.get(word, word)


def flaw_sentence(flaw: Flaw) -> str:
    """Return where and what is wrong, and the way out, in the language in use."""
    what = _SAID.get(flaw.kind, _syntax)(flaw)
    if flaw.kind is FlawKind.NEEDED or flaw.line == 1:
        return _(
            "%(language)s, %(part)s: %(what)s",
            language=format_language(flaw.language),
            part=part_name(flaw.part),
            what=what,
        )
    return _(
        "%(language)s, %(part)s, line %(line)s: %(what)s",
        language=format_language(flaw.language),
        part=part_name(flaw.part),
        line=format_number(flaw.line),
        what=what,
    )


def _word(flaw: Flaw) -> str:
    found = "{{ " + flaw.found + " }}"
    if flaw.meant:
        meant = "{{ " + flaw.meant + " }}"
        return _(
            "There is no word %(found)s. Did you mean %(meant)s?",
            found=found,
            meant=meant,
        )
    return _(
        "There is no word %(found)s. The words you can use stand beside the text.",
        found=found,
    )


def _elsewhere(flaw: Flaw) -> str:
    return _(
        "%(found)s is known only in templates for another purpose.",
        found="{{ " + flaw.found + " }}",
    )


def _field(flaw: Flaw) -> str:
    return _(
        "There is no %(found)s. Inside a list you can use: %(meant)s.",
        found=flaw.found,
        meant=flaw.meant or _("nothing more"),
    )


def _filter(flaw: Flaw) -> str:
    return _(
        "There is nothing called %(found)s behind the bar. Did you mean %(meant)s?",
        found=flaw.found,
        meant=flaw.meant,
    )


def _loop(flaw: Flaw) -> str:
    if not flaw.meant:
        return _("This purpose has no list to go through.")
    return _(
        "A list can only go through: %(meant)s. One list can't stand in another.",
        meant=flaw.meant,
    )


def _syntax(_flaw: Flaw) -> str:
    return _("This can't be read: look for a brace or a quotation mark too many.")


_SAID: Final[Mapping[FlawKind, Callable[[Flaw], str]]] = {
    FlawKind.NEEDED: lambda _f: _("Write something: every message needs it."),
    FlawKind.TOO_LONG: lambda f: _(
        "Shorten it to %(limit)s characters.", limit=format_number(f.limit)
    ),
    FlawKind.LINE_BREAK: lambda _f: _("Write it in one line, without a line break."),
    FlawKind.CONTROL: lambda _f: _(
        "It holds an invisible control character: type it anew instead of copying it."
    ),
    FlawKind.UNCLOSED: lambda _f: _("A brace is not closed: each {{ needs its }}."),
    FlawKind.NOT_ENDED: lambda f: _(
        "%(found)s has no end: write %(end)s where it stops.",
        found="{% " + f.found + " %}",
        end="{% end" + f.found + " %}",
    ),
    FlawKind.STRAY_END: lambda f: _(
        "%(found)s ends nothing that was begun.", found="{% " + f.found + " %}"
    ),
    FlawKind.TAG: lambda f: _(
        "%(found)s is not possible here: only if, for and their ends.",
        found="{% " + f.found + " %}",
    ),
    FlawKind.WORD: _word,
    FlawKind.ELSEWHERE: _elsewhere,
    FlawKind.FIELD: _field,
    FlawKind.FILTER: _filter,
    FlawKind.ARGUMENT: lambda f: _(
        '%(found)s is written like this: {{ first_name|default("friend") }} or'
        " {{ sentence|truncate(80) }}.",
        found=f.found,
    ),
    FlawKind.LOOP: _loop,
    FlawKind.LOOP_NAME: lambda _f: _(
        "Give one entry of the list a name of its own: {% for one in offers %}."
    ),
    FlawKind.LIST: lambda _f: _(
        "A list can't be written as it is: go through it, and write one part of each."
    ),
    FlawKind.COMPARED: lambda _f: _("Only numbers can be more or less than others."),
    FlawKind.EXPRESSION: lambda _f: _(
        "Only words stand in braces: no calculations, no brackets and no calls."
    ),
    FlawKind.NESTED: lambda _f: _("Too much stands in one another: write it simpler."),
    FlawKind.TOO_MUCH: lambda _f: _("It holds too many words in braces."),
}


def starting_words(purpose: TemplatePurpose, language: str) -> dict[Part, str]:
    """Return the built-in words as a template, to begin with."""
    with use_language(language):
        hello = (
            "{% if first_name %}"
            + _("Hello %(name)s,", name="{{ first_name }}")
            + "{% else %}"
            + _("Hello,")
            + "{% endif %}"
        )
        if purpose is TemplatePurpose.POINTS_EXPIRING:
            return _about_points(hello)
        if purpose is TemplatePurpose.SERVICE:
            return {
                Part.SUBJECT: "{{ shop }}",
                Part.BODY: hello,
                Part.BRIEF: "{{ shop }}",
            }
        return _about_an_offer(hello)


def _about_an_offer(hello: str) -> dict[Part, str]:
    paragraphs = (
        hello,
        "{{ sentence }}",
        _("Why you: %(why)s", why="{{ why }}"),
        _("Valid until %(until)s.", until="{{ valid_until }}"),
    )
    return {
        Part.SUBJECT: _("%(shop)s: an offer for you", shop="{{ shop }}"),
        Part.PREHEADER: "{{ sentence }}",
        Part.BODY: "\n\n".join(paragraphs),
        Part.BUTTON: _("See the offer"),
        Part.BRIEF: "{{ shop }}: {{ sentence }}",
    }


def _about_points(hello: str) -> dict[Part, str]:
    days = (
        "{% for one in expiries %}\n{{ one.last_day }}: {{ one.points }}\n{% endfor %}"
    )
    spend = _("Spend them at any till before that: they are money off what you buy.")
    soon = _("Points of yours expire soon")
    return {
        Part.SUBJECT: f"{soon}: {{{{ expiring }}}}",
        Part.BODY: f"{hello}\n\n{soon}:\n{days}\n{spend}",
        Part.BUTTON: _("See your points"),
        Part.BRIEF: f"{{{{ shop }}}}: {soon}: {{{{ expiring }}}}",
    }
