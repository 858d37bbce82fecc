"""
A card as a link that saves it to Google Wallet: a JSON Web Token (RFC 7519).

Signed by RS256 (RFC 7518, 3.3) with the key of the shop's service account; Google
makes the card from the token when the customer opens the link.
"""

import base64
import json
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from loyalty.cards.render.apple import WalletCard
from loyalty.cards.render.keys import GoogleKeys
from loyalty.cards.rules import grouped
from loyalty.core.texts import gettext as _

SAVE: Final = "https://pay.google.com/gp/v/save/"


def google_link(
    card: WalletCard, *, keys: GoogleKeys, origin: str, now: datetime
) -> str:
    """
    Return the address that saves the card.

    :param origin: of the page that has the link, as ``https://shop.example.org``
    :param now: on the machine's clock
    """
    claims = {
        "iss": keys.email,
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(now.timestamp()),
        "origins": [origin],
        "payload": {"loyaltyObjects": [_object(card, keys)]},
    }
    signed = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
    signature = keys.key.sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{SAVE}{signed}.{_base64(signature)}"


def _object(card: WalletCard, keys: GoogleKeys) -> dict[str, object]:
    issuer = keys.class_id.partition(".")[0]
    return {
        "id": f"{issuer}.{card.number}",
        "classId": keys.class_id,
        "state": "ACTIVE",
        "accountId": card.number,
        "accountName": card.name or _("Member"),
        "barcode": {
            "type": "CODE_128",
            "value": card.number,
            "alternateText": grouped(card.number),
        },
        "loyaltyPoints": {"label": _("Points"), "balance": {"int": card.points}},
    }


def _part(document: object) -> str:
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return _base64(text.encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
