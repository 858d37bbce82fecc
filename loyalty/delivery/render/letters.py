"""A letter as plain text and as HTML."""

import textwrap
from dataclasses import dataclass
from html import escape

from loyalty.core.texts import direction
from loyalty.core.texts import gettext as _

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


def as_text(letter: Letter, *, unsubscribe_url: str | None = None) -> str:
    """Return the letter as plain text."""
    parts = list(letter.paragraphs)
    if letter.button and letter.url:
        parts.append(f"{letter.button}:\n{letter.url}")
    parts += letter.small_print
    if unsubscribe_url:
        parts.append(f"{_('No more offers by e-mail')}:\n{unsubscribe_url}")
    return "\n\n".join(parts) + "\n"


def as_brief(letter: Letter) -> str:
    """
    Return the letter in at most 300 characters, its link whole at the end.

    The subject, and of the paragraphs after the greeting what fits.
    """
    link = f"\n{letter.url}" if letter.url else ""
    words = " ".join((f"{letter.subject}.", *letter.paragraphs[1:]))
    return textwrap.shorten(words, max(BRIEF - len(link), 1), placeholder="…") + link


def as_html(letter: Letter, *, unsubscribe_url: str | None = None) -> str:
    """Return the letter as a small HTML document with inline styles only."""
    body = [
        f'<p style="{_STYLES["p"]}">{escape(text)}</p>' for text in letter.paragraphs
    ]
    if letter.button and letter.url:
        link = f'<a href="{escape(letter.url)}" style="{_STYLES["button"]}">'
        body.append(f"<p>{link}{escape(letter.button)}</a></p>")
    small = [escape(text) for text in letter.small_print]
    if unsubscribe_url:
        words = escape(_("No more offers by e-mail"))
        small.append(f'<a href="{escape(unsubscribe_url)}">{words}</a>')
    body += [f'<p style="{_STYLES["small"]}">{text}</p>' for text in small]
    return _PAGE.format(
        direction=direction(),
        title=escape(letter.subject),
        style=_STYLES["body"],
        body="\n".join(body),
    )


_STYLES = {
    "body": "font-family:sans-serif;font-size:16px;line-height:1.5;color:#1c2421;"
    "background:#ffffff;max-width:34em;margin:0 auto;padding:16px",
    "p": "margin:0 0 16px",
    "button": "display:inline-block;padding:12px 20px;border-radius:8px;"
    "background:#0b6e4f;color:#ffffff;text-decoration:none",
    "small": "margin:0 0 8px;font-size:13px;color:#51605a",
}

_PAGE = """<!doctype html>
<html dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
</head>
<body style="{style}">
{body}
</body>
</html>
"""
