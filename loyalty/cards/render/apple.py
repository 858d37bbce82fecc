"""
A card as a pass for Apple Wallet: a signed archive.

The archive has ``pass.json``, pictures, texts in each language, ``manifest.json`` with
the SHA-1 of every file (the format demands SHA-1; nothing is trusted because of it),
and ``signature``: a detached PKCS#7 signature over the manifest by the shop's pass
certificate, with Apple's intermediate beside it.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7Options,
    PKCS7SignatureBuilder,
)

from loyalty.cards.render.keys import AppleKeys
from loyalty.cards.render.png import picture
from loyalty.cards.rules import grouped
from loyalty.core.texts import LANGUAGES, use_language
from loyalty.core.texts import gettext as _

MEDIA_TYPE: Final = "application/vnd.apple.pkpass"
_SIZES: Final = {"icon": (29, 29), "logo": (50, 50)}
_SCALES: Final = {"": 1, "@2x": 2, "@3x": 3}


@dataclass(frozen=True, kw_only=True, slots=True)
class WalletCard:
    """What a card in a phone's wallet shows."""

    shop: str
    number: str
    points: int
    name: str
    """As ``Anna K.``; may be empty."""

    address: str
    """Of the customer's pages, for what the pass does not show."""


def apple_pass(card: WalletCard, *, keys: AppleKeys) -> bytes:
    """Return the card as a ``.pkpass`` archive."""
    files = {"pass.json": _json(_pass(card, keys)), **_pictures(), **_texts()}
    manifest = _json(
        {
            name: hashlib.sha1(content, usedforsecurity=False).hexdigest()
            for name, content in files.items()
        }
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
        packed.writestr("manifest.json", manifest)
        packed.writestr("signature", _sign(manifest, keys))
    return archive.getvalue()


def _sign(manifest: bytes, keys: AppleKeys) -> bytes:
    return (
        PKCS7SignatureBuilder()
        .set_data(manifest)
        .add_signer(keys.certificate, keys.key, SHA256())
        .add_certificate(keys.wwdr)
        .sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
    )


def _pass(card: WalletCard, keys: AppleKeys) -> dict[str, object]:
    shown = grouped(card.number)
    barcode = {
        "message": card.number,
        "messageEncoding": "iso-8859-1",
        "altText": shown,
    }
    named = [{"key": "name", "label": "member", "value": card.name}]
    return {
        "formatVersion": 1,
        "passTypeIdentifier": keys.pass_type_id,
        "teamIdentifier": keys.team_id,
        "serialNumber": card.number,
        "organizationName": card.shop,
        "logoText": card.shop,
        "description": "description",
        "sharingProhibited": True,
        "backgroundColor": "rgb(15, 92, 85)",
        "foregroundColor": "rgb(255, 255, 255)",
        "labelColor": "rgb(222, 240, 236)",
        "barcodes": [
            {"format": "PKBarcodeFormatQR", **barcode},
            {"format": "PKBarcodeFormatCode128", **barcode},
        ],
        "storeCard": {
            "primaryFields": [
                {"key": "points", "label": "points", "value": card.points}
            ],
            "secondaryFields": named if card.name else [],
            "backFields": [
                {"key": "number", "label": "number", "value": shown},
                {"key": "pages", "label": "pages", "value": card.address},
                {"key": "stand", "label": "stand", "value": "stand_text"},
            ],
        },
    }


def _texts() -> dict[str, bytes]:
    return {f"{one}.lproj/pass.strings": _strings(one) for one in LANGUAGES}


def _strings(language: str) -> bytes:
    with use_language(language):
        texts = {
            "description": _("Loyalty card"),
            "points": _("Points"),
            "member": _("Member"),
            "number": _("Card number"),
            "pages": _("Your offers and purchases"),
            "stand": _("How many points are there now?"),
            "stand_text": _(
                "The card shows the points of the day on which it was saved. Your "
                "pages and the till know today's."
            ),
        }
    lines = [f"{_quoted(key)} = {_quoted(text)};" for key, text in texts.items()]
    return "\n".join(lines).encode("utf-16")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _pictures() -> dict[str, bytes]:
    return {
        f"{name}{suffix}.png": picture(width * scale, height * scale)
        for name, (width, height) in _SIZES.items()
        for suffix, scale in _SCALES.items()
    }


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
