"""What the web surfaces share: parts, guards, layouts, headers and answers."""

from loyalty.web.context import AppParts, database, parts
from loyalty.web.surface import is_htmx, redirect_to, render
from loyalty.web.wiring import install

__all__ = [
    "AppParts",
    "database",
    "install",
    "is_htmx",
    "parts",
    "redirect_to",
    "render",
]
