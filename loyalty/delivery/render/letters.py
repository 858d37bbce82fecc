"""A letter as plain text and as HTML."""

import textwrap
from dataclasses import dataclass
from html import escape

from loyalty.core.texts import current_language, direction
from loyalty.core.texts import gettext as _
from loyalty.customers.values import Channel
from loyalty.delivery.render.skeleton import Page, Values, mail_skeleton

BRIEF = 300
"""At most so many characters has a message that is printed or texted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A message's words, in the language in use."""

    subject: str
    paragraphs: tuple[str, ...]
    button: str | None = None
    url: str | None = None
    small_print: tuple[str, ...] = ()
    preheader: str = ""
    """What mail programs show beside the subject; else the words after the greeting."""

    brief: str = ""
    """A short text for channels that show one; else it is made of the paragraphs."""

    has_terms: bool = False
    """Whether there are terms, so that a short text has to say where they are."""


def as_text(
    letter: Letter,
    *,
    unsubscribe_url: str | None = None,
    channel: Channel = Channel.EMAIL,
) -> str:
    """
    Return the letter as plain text.

    :param channel: the one whose offers the unsubscribe link ends
    """
    parts = list(letter.paragraphs)
    if letter.button and letter.url:
        parts.append(f"{letter.button}:\n{letter.url}")
    parts += letter.small_print
    if unsubscribe_url:
        parts.append(f"{opt_out_words(channel)}:\n{unsubscribe_url}")
    return "\n\n".join(parts) + "\n"


def as_brief(letter: Letter, *, link_shown: bool = True) -> str:
    """
    Return the letter in at most 300 characters, its link whole at the end.

    The words written for it; else the subject, and of the paragraphs after the
    greeting what fits. The terms are where the link leads, and it says so
    where the link is seen: a notification is one.
    """
    link = f"\n{letter.url}" if letter.url else ""
    if letter.url and letter.has_terms and link_shown:
        link = "\n" + _("Terms: %(terms)s", terms=letter.url)
    made = " ".join((f"{letter.subject}.", *letter.paragraphs[1:]))
    words = letter.brief or made
    return textwrap.shorten(words, max(BRIEF - len(link), 1), placeholder="…") + link


def opt_out_words(channel: Channel) -> str:
    """Return what the link says that ends the offers of one channel."""
    return {
        Channel.EMAIL: _("No more offers by e-mail"),
        Channel.SMS: _("No more offers by text message"),
        Channel.PUSH: _("No more offers on this device"),
        Channel.TELEGRAM: _("No more offers on Telegram"),
        Channel.INBOX: _("No more offers in my inbox"),
        Channel.TILL: _("No more offers on my receipts"),
        Channel.LETTER: _("No more offers by post"),
        Channel.WEBHOOK: _("No more offers in the app of the shop"),
    }[channel]


def as_html(
    letter: Letter,
    *,
    unsubscribe_url: str | None = None,
    opened_url: str | None = None,
    channel: Channel = Channel.EMAIL,
) -> Page:
    """
    Return the letter as an HTML document, in the layout of every mail.

    :param channel: the one whose offers the unsubscribe link ends
    :param opened_url: of the picture of one dot, for a reader who agreed to it
    """
    small = [{"words": _words(text)} for text in letter.small_print]
    button: tuple[Values, ...] = ()
    opt_out: tuple[Values, ...] = ()
    if letter.button and letter.url:
        button = _link(letter.url, letter.button)
    if unsubscribe_url:
        opt_out = _link(unsubscribe_url, opt_out_words(channel))
    # What mailboxes show beside the subject: more than the greeting.
    beside = letter.paragraphs[1:2] or letter.paragraphs[:1]
    preview = letter.preheader or " ".join(beside)
    return mail_skeleton(direction()).fill(
        {
            "language": current_language(),
            "title": escape(letter.subject),
            "preview": escape(preview),
        },
        {
            "paragraph": [{"words": _words(text)} for text in letter.paragraphs],
            "button": button,
            "rule": ({},) if small or opt_out else (),
            "small": small,
            "unsubscribe": opt_out,
            "opened": ({"url": escape(opened_url)},) if opened_url else (),
        },
    )


def _words(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def _link(url: str, label: str) -> tuple[Values]:
    return ({"url": escape(url), "label": escape(label)},)
