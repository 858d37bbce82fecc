"""A member as the API shows one."""

from marshmallow import Schema, fields

from loyalty.api.v1.answers import moment, text, whole
from loyalty.core.money import decimal_text
from loyalty.core.periods import DAY_NAMES, minutes_text
from loyalty.core.texts import pick
from loyalty.customers.values import Channel, ContactKind, Profile
from loyalty.tiers.values import Basis, Standing


class ContactAnswer(Schema):
    """A way to a member: a phone number (E.164), an e-mail address and others."""

    kind = text(metadata={"enum": [kind.value for kind in ContactKind]})
    value = text()
    verified = fields.Boolean(required=True)
    suppressed = fields.Boolean(
        required=True, metadata={"description": "Nothing is sent there any more."}
    )
    landline = fields.Boolean(required=True)


class WindowAnswer(Schema):
    """Hours on a day of the week, in the customer's own zone."""

    days = fields.List(fields.String(metadata={"enum": DAY_NAMES}), required=True)
    start = text(data_key="from", metadata={"example": "17:00"})
    until = text(metadata={"example": "20:00"})


class PreferencesAnswer(Schema):
    """What reaches a customer, when and how."""

    channels = fields.List(
        fields.String(metadata={"enum": [channel.value for channel in Channel]}),
        required=True,
    )
    windows = fields.List(fields.Nested(WindowAnswer), required=True)
    topics = fields.List(fields.String(), required=True)
    max_per_week = whole(allow_none=True)
    pause_until = moment(nullable=True)
    personalised = fields.Boolean(required=True)
    marketing = fields.List(fields.String(), required=True)


class CustomerAnswer(Schema):
    """A member."""

    id = whole(metadata={"example": 1234567890123456})
    status = text(metadata={"enum": ["active", "erased", "merged"]})
    first_name = text(allow_none=True)
    last_name = text(allow_none=True)
    birthday = fields.Date(required=True, allow_none=True)
    language = text()
    time_zone = text(metadata={"example": "Europe/Warsaw"})
    home_store = text(allow_none=True)
    enrolled_at = moment()
    contacts = fields.List(fields.Nested(ContactAnswer), required=True)
    preferences = fields.Nested(PreferencesAnswer, required=True)
    segments = fields.List(fields.String(), required=True)


class NextTierAnswer(Schema):
    """The tier above, and what is missing to it."""

    code = text(metadata={"example": "gold"})
    name = text(metadata={"example": "Gold"})
    missing = text(metadata={"example": "80", "description": "In the tier's measure."})


class TierAnswer(Schema):
    """What a member is, by points earned or money spent."""

    code = text(allow_none=True, metadata={"example": "silver"})
    name = text(allow_none=True, metadata={"example": "Silver"})
    since = moment(nullable=True)
    falls_at = moment(nullable=True)
    basis = text(metadata={"enum": [basis.value for basis in Basis]})
    measure = text(
        metadata={"example": "420", "description": "Points, or an amount of money."}
    )
    measured_since = moment()
    next = fields.Nested(NextTierAnswer, required=True, allow_none=True)


class IdentifiedAnswer(Schema):
    """A member with what the till shows."""

    customer = fields.Nested(CustomerAnswer, required=True)
    card = text(allow_none=True, metadata={"example": "2610000000000003"})
    balance = whole(metadata={"description": "Points that can be spent."})
    offers = whole(metadata={"description": "How many personal offers count now."})
    tier = fields.Nested(
        TierAnswer,
        required=True,
        allow_none=True,
        metadata={"description": "null in a shop without tiers."},
    )


def tier_document(standing: Standing | None) -> dict[str, object] | None:
    """Return what ``TierAnswer`` shows of a member."""
    if standing is None:
        return None

    def measured(amount: int) -> str:
        if standing.ladder.basis is Basis.POINTS:
            return str(amount)
        return decimal_text(amount, standing.currency)

    above = standing.next
    return {
        "code": standing.tier and standing.tier.code,
        "name": standing.tier and pick(dict(standing.tier.name)),
        "since": standing.since,
        "falls_at": standing.falls_at,
        "basis": standing.ladder.basis.value,
        "measure": measured(standing.measure),
        "measured_since": standing.measured_since,
        "next": above
        and {
            "code": above.tier.code,
            "name": pick(dict(above.tier.name)),
            "missing": measured(above.missing),
        },
    }


def customer_document(profile: Profile) -> dict[str, object]:
    """Return what ``CustomerAnswer`` shows of a member."""
    return {
        "id": profile.id,
        "status": profile.status.value,
        "first_name": profile.first_name,
        "last_name": profile.last_name,
        "birthday": profile.birthday,
        "language": profile.language,
        "time_zone": profile.time_zone,
        "home_store": profile.home_store,
        "enrolled_at": profile.enrolled_at,
        "contacts": [
            {
                "kind": contact.kind.value,
                "value": contact.value,
                "verified": contact.verified_at is not None,
                "suppressed": contact.suppressed_at is not None,
                "landline": contact.landline,
            }
            for contact in profile.contacts
        ],
        "preferences": preferences_document(profile),
        "segments": list(profile.segments),
    }


def preferences_document(profile: Profile) -> dict[str, object]:
    """Return what ``PreferencesAnswer`` shows of a member."""
    wishes = profile.preferences
    return {
        "channels": [channel.value for channel in wishes.channels],
        "windows": [
            {
                "days": [DAY_NAMES[day] for day in sorted(window.days)],
                "start": minutes_text(window.start),
                "until": minutes_text(window.until),
            }
            for window in wishes.windows
        ],
        "topics": list(wishes.topics),
        "max_per_week": wishes.max_per_week,
        "pause_until": wishes.pause_until,
        "personalised": wishes.personalised,
        "marketing": sorted(profile.marketing_channels),
    }
