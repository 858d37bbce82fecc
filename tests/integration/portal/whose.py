"""Whose data every route of customers, providers and machines is about.

A route that is added and stands in none of these tables fails the tests.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

SURFACES: Final = ("/wallet", "/o/", "/u/", "/v/", "/w/", "/reports", "/api/")

OWN: Final[Mapping[str, dict[str, str]]] = {
    "GET /wallet": {},
    "GET /wallet/card.pkpass": {},
    "GET /wallet/google": {},
    "GET /wallet/messages": {},
    "GET /wallet/preferences": {},
    "GET /wallet/preferences/addresses": {},
    "GET /wallet/preferences/history": {},
    "GET /wallet/preferences/stop": {},
    "GET /wallet/purchases": {},
    "GET /wallet/rewards": {},
    "GET /wallet/share": {},
    "GET /wallet/ways": {},
    "POST /wallet/close": {},
    "POST /wallet/preferences": {"language": "en"},
    "POST /wallet/preferences/addresses": {"contact": "{email}"},
    "POST /wallet/preferences/any-hour": {},
    "POST /wallet/preferences/code": {"code": "123456"},
    "POST /wallet/preferences/first": {"first": "email"},
    "POST /wallet/preferences/pause": {},
    "POST /wallet/preferences/resume": {},
    "POST /wallet/preferences/stop": {},
    "POST /wallet/ways/<channel>/close": {},
    "POST /wallet/ways/letter": {"address": "Anna N.\nOwn street 1"},
    "POST /wallet/ways/push": {"subscription": "{}"},
    "POST /wallet/ways/telegram": {},
}
"""What is about whoever opened the wallet: nothing in the request names another."""


class Named(NamedTuple):
    """What a number in a path names, and what is said to whom it does not belong."""

    what: str
    status: int


NAMED: Final[Mapping[str, Named]] = {
    "GET /wallet/offers/<offer_id>": Named("offer", 404),
    "POST /wallet/offers/<offer_id>/not-for-me": Named("offer", 404),
    "POST /wallet/offers/<offer_id>/back": Named("offer", 404),
    # Both say the same as for one's own, and do nothing to another's.
    "POST /wallet/preferences/addresses/<contact_id>/confirm": Named("contact", 303),
    "POST /wallet/preferences/addresses/<contact_id>/remove": Named("contact", 303),
}

LINKS: Final[Mapping[str, tuple[str, int]]] = {
    "GET /o/<token>": ("offer", 404),
    "GET /o/<token>.gif": ("opened", 200),
    "GET /u/<token>": ("unsubscribe", 404),
    "POST /u/<token>": ("unsubscribe", 404),
    "POST /u/<token>/undo": ("unsubscribe", 404),
    "GET /v/<token>": ("confirm", 404),
    "POST /v/<token>": ("confirm", 404),
    # Looking shows a button and nobody's data; pressing it is refused.
    "GET /w/<token>": ("wallet", 200),
    "POST /w/<token>": ("wallet", 409),
}
"""What each link is signed for, and what a made-up one is told."""

REPORTS: Final = {
    "POST /reports/events",
    "POST /reports/sms",
    "POST /reports/sms/<key>",
    "POST /reports/telegram",
}

_CUSTOMER: Final = "/api/v1/customers/<customer>"
OF_CUSTOMERS: Final = {
    f"GET {_CUSTOMER}",
    f"GET {_CUSTOMER}/consents",
    f"GET {_CUSTOMER}/household",
    f"GET {_CUSTOMER}/offers",
    f"GET {_CUSTOMER}/points",
    f"GET {_CUSTOMER}/referrals",
    f"GET {_CUSTOMER}/rewards",
    f"GET {_CUSTOMER}/stored-value",
    f"GET {_CUSTOMER}/tiers",
    f"GET {_CUSTOMER}/till-messages",
    f"POST {_CUSTOMER}/till-messages/<key>/said",
    f"PUT {_CUSTOMER}/preferences",
    f"GET {_CUSTOMER}/cards",
}
"""Calls about one customer, whom the path names."""

BESIDE: Final = {
    "GET /wallet/open",
    "GET /wallet/sign-in",
    "POST /wallet/sign-in",
    "GET /wallet/ways/worker.js",
    # Points, rewards and households, each with tests of its own.
    "POST /wallet/causes/<code>/give",
    "POST /wallet/redemptions/<number>/cancel",
    "POST /wallet/rewards/<code>/redeem",
    "POST /wallet/share/friend",
    "POST /wallet/share/gift",
    "POST /wallet/share/gift/<number>/undo",
    "POST /wallet/share/invitations/<number>",
    "POST /wallet/share/invite",
    "POST /wallet/share/leave",
}
"""Pages that show and change no message, offer, consent, address or inbox."""

BESIDE_IN_API: Final = {
    "GET /api/v1/cards/<number>",
    "POST /api/v1/cards/<number>/block",
    "POST /api/v1/cards/<number>/close",
    "POST /api/v1/cards/<number>/replace",
    "POST /api/v1/cards/<number>/unblock",
    "GET /api/v1/categories",
    "GET /api/v1/causes",
    "PUT /api/v1/causes/<code>",
    "POST /api/v1/checkout/quotes",
    "POST /api/v1/checkout/quotes/<quote>/release",
    "POST /api/v1/customers",
    f"POST {_CUSTOMER}/cards",
    "GET /api/v1/customers/lookup",
    "POST /api/v1/gift-cards",
    "POST /api/v1/gift-cards/lookup",
    "GET /api/v1/products",
    "PUT /api/v1/products",
    "GET /api/v1/products/<sku>",
    "GET /api/v1/products/<sku>/prices",
    "GET /api/v1/promotions",
    "POST /api/v1/promotions",
    "GET /api/v1/promotions/<code>",
    "PUT /api/v1/promotions/<code>",
    "POST /api/v1/promotions/<code>/activate",
    "POST /api/v1/promotions/<code>/backtest",
    "GET /api/v1/promotions/<code>/codes",
    "POST /api/v1/promotions/<code>/codes",
    "POST /api/v1/promotions/<code>/codes/shared",
    "POST /api/v1/promotions/<code>/end",
    "GET /api/v1/promotions/<code>/findings",
    "POST /api/v1/promotions/<code>/pause",
    "GET /api/v1/promotions/<code>/terms",
    "POST /api/v1/purchases",
    "GET /api/v1/rewards",
    "PUT /api/v1/rewards/<code>",
    "POST /api/v1/rewards/<code>/withdraw",
    "GET /api/v1/stores",
    "GET /api/v1/tiers",
    "PUT /api/v1/tiers",
    "GET /api/v1/webhooks",
    "POST /api/v1/webhooks",
    "GET /api/v1/backtests/<backtest>",
    "POST /api/v1/backtests/<backtest>/cancel",
    "POST /api/v1/promotions/<code>/codes/<batch>/void",
    f"POST {_CUSTOMER}/causes",
    f"POST {_CUSTOMER}/gifts",
    f"POST {_CUSTOMER}/household/leave",
    f"POST {_CUSTOMER}/merge",
    f"POST {_CUSTOMER}/redemptions",
    f"POST {_CUSTOMER}/referred-by",
    f"POST {_CUSTOMER}/stored-value/gift-cards",
    f"POST {_CUSTOMER}/stored-value/sales",
    "GET /api/v1/webhook-deliveries/<delivery>",
    "POST /api/v1/webhook-deliveries/<delivery>/replay",
    "GET /api/v1/gift-cards/<gift_card>",
    "POST /api/v1/gift-cards/<gift_card>/block",
    "POST /api/v1/gift-cards/<gift_card>/cancel",
    "POST /api/v1/gift-cards/<gift_card>/sales",
    "POST /api/v1/gift-cards/<gift_card>/unblock",
    "POST /api/v1/merges/<merge>/undo",
    "GET /api/v1/purchases/<purchase>",
    "POST /api/v1/purchases/<purchase>/cancellation",
    "POST /api/v1/purchases/<purchase>/exchanges",
    "POST /api/v1/purchases/<purchase>/returns",
    f"POST {_CUSTOMER}/redemptions/<redemption>/cancel",
    f"POST {_CUSTOMER}/redemptions/<redemption>/hand-over",
    "GET /api/v1/webhooks/<webhook>",
    "GET /api/v1/webhooks/<webhook>/deliveries",
    "POST /api/v1/webhooks/<webhook>/disable",
    "POST /api/v1/webhooks/<webhook>/pause",
    "POST /api/v1/webhooks/<webhook>/ping",
    "POST /api/v1/webhooks/<webhook>/replay",
    "POST /api/v1/webhooks/<webhook>/resume",
    "POST /api/v1/webhooks/<webhook>/rotate",
    "PUT /api/v1/webhooks/<webhook>/settings",
}
"""Calls about other things; a key of another scope is refused there just the same."""

ALL: Final = {*OWN, *NAMED, *LINKS} | REPORTS | OF_CUSTOMERS | BESIDE | BESIDE_IN_API
