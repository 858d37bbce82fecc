"""What templates may use: texts, formats, assets, icons, navigation."""

import gzip
import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, abort, request, send_from_directory
from jinja2 import StrictUndefined
from markupsafe import Markup, escape

from loyalty.core import texts
from loyalty.web import charts, navigation, shop
from loyalty.web.context import AppParts, parts
from loyalty.web.guards import open_to_all
from loyalty.web.people import customer_presence, presence

_YEAR: Final = 365 * 24 * 3600
_TEXTS: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
LANGUAGE_NAMES: Final = {
    "en": "English",
    "pl": "Polski",
    "ru": "Русский",
    "sl": "Slovenščina",
    "fa": "فارسی",
}


def install(app: Flask, given: AppParts) -> None:
    """Equip the application's templates and serve its assets."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.i18n")
    environment.newstyle_gettext = True  # type: ignore[attr-defined]  # by i18n
    environment.filters.update(
        money=texts.format_money,
        number=texts.format_number,
        decimal=texts.format_decimal,
        percent=texts.format_percent,
        date=texts.format_date,
        datetime=texts.format_datetime,
        time=texts.format_time,
        weekday=texts.format_weekday,
        pick=texts.pick,
    )
    environment.globals.update(
        _=_gettext,
        gettext=_gettext,
        ngettext=_ngettext,
        asset=asset,
        language=texts.current_language,
        languages=LANGUAGE_NAMES,
        direction=texts.direction,
        staff_presence=presence,
        wallet_presence=customer_presence,
        staff_navigation=navigation.staff_navigation,
        customer_navigation=navigation.customer_navigation,
        line_chart=charts.line_chart,
        bar_chart=charts.bar_chart,
        interval_chart=charts.interval_chart,
        parts_chart=charts.parts_chart,
        reliability_chart=charts.reliability_chart,
        share_chart=charts.share_chart,
        stacked_chart=charts.stacked_chart,
        shop_name=shop.shop_name,
        store_name=shop.store_name,
        week=shop.week,
        minutes=shop.minutes,
        demo=given.demo,
    )
    app.add_url_rule("/assets/<path:name>", "assets", _serve_asset)


def asset(name: str) -> str:
    """Return the address of a built asset, as ``asset('staff.css')``."""
    return f"/assets/{_manifest(parts().asset_dir).get(name, name)}"


def _manifest(folder: Path) -> dict[str, str]:
    path = folder / "manifest.json"
    try:
        return _read_manifest(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return {}


@lru_cache(maxsize=2)
def _read_manifest(path: Path, _written: int) -> dict[str, str]:
    # Read again when assets were built anew: the former names are gone then.
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


@open_to_all("styles, scripts, fonts and icons hold nothing personal")
def _serve_asset(name: str) -> Response:
    folder = parts().asset_dir
    if name not in _manifest(folder).values():
        abort(404)
    response = _small(folder / name) or send_from_directory(
        folder.resolve(), name, max_age=_YEAR
    )
    # The name carries a hash of the content: what it names never changes.
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return response


def _small(path: Path) -> Response | None:
    """Return a text asset compressed, for servers without a proxy that does it."""
    if path.suffix not in _TEXTS or not request.accept_encodings.quality("gzip"):
        return None
    response = Response(_compressed(path), mimetype=_TEXTS[path.suffix])
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response


@cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


def _gettext(message: str, /, **values: object) -> Markup:
    # Messages are ours and may hold markup; what is filled in is escaped.
    text = Markup(texts.gettext(message))  # noqa: S704  # never a user's text
    return text % values if values else text


def _ngettext(singular: str, plural: str, number: int, /, **values: object) -> Markup:
    given = {name: escape(value) for name, value in values.items() if name != "n"}
    return Markup(texts.ngettext(singular, plural, number, **given))  # noqa: S704
