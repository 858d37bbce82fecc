"""What a member wants, replaced as a whole."""

from collections.abc import Collection, Iterator
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from loyalty.api.auth import caller
from loyalty.api.v1.answers import moment, text
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.customers import CUSTOMER, ONE, resource
from loyalty.api.v1.fields import (
    Days,
    Language,
    Matching,
    Moment,
    OneOf,
    Request,
    Text,
    TrueOrFalse,
    Whole,
)
from loyalty.api.v1.members import PreferencesAnswer, preferences_document
from loyalty.api.v1.operations import Operation, get, put
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, Problem
from loyalty.core.periods import DAY_NAMES, WeeklyWindow, minutes_of
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import get_profile, list_consents
from loyalty.customers.service.preferences import MOST_A_WEEK
from loyalty.customers.values import Channel, CustomerID, Profile, Purpose, Speaker
from loyalty.delivery.rules.policy import policy_of
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_programme
from loyalty.usecases.change_preferences import Wishes, change_preferences
from loyalty.web.context import database, parts


class Clock(Matching):
    """A time of the day."""

    pattern = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
    refusal = 'Must be a time from "00:00" to "24:00".'


class Channels(fields.List[str]):
    """Channels, each once."""

    def __init__(self, **rest: Any) -> None:  # noqa: ANN401 - handed on to marshmallow
        super().__init__(
            OneOf(*(channel.value for channel in Channel)),
            required=True,
            validate=_each_once,
            **rest,
        )


def _each_once(names: list[str]) -> None:
    if len(set(names)) != len(names):
        message = "Each may stand once."
        raise ValidationError(message)


class WindowRequest(Request):
    """Hours on some days of the week, which end on the same day."""

    days = Days(OneOf(*DAY_NAMES), required=True)
    start = Clock(required=True, data_key="from", metadata={"example": "17:00"})
    until = Clock(required=True, metadata={"example": "20:00"})


class PreferencesRequest(Request):
    """Everything that a customer may wish; what is left out is not wished."""

    language = Language()
    channels = Channels(
        metadata={"uniqueItems": True, "description": "The first is tried first."}
    )
    windows = fields.List(
        fields.Nested(WindowRequest),
        load_default=list,
        validate=validate.Length(max=50),
        metadata={"description": "When messages are welcome; none means any time."},
    )
    topics = fields.List(
        Text(longest=200, metadata={"format": "category"}),
        load_default=list,
        validate=validate.Length(max=50),
        metadata={"description": "Paths of categories."},
    )
    max_per_week = Whole(most=MOST_A_WEEK, load_default=None, allow_none=True)
    pause_until = Moment(load_default=None, allow_none=True)
    personalised = TrueOrFalse(
        required=True,
        metadata={"description": "Offers may be chosen from what was bought."},
    )
    marketing = Channels(
        metadata={"uniqueItems": True, "description": "Where offers are welcome."}
    )


@put(
    resource,
    Operation(
        path=f"{ONE}/preferences",
        scope=ApiScope.CUSTOMERS_WRITE,
        body=PreferencesRequest,
        example={
            "language": "en",
            "channels": ["email", "inbox"],
            "windows": [{"days": ["fri", "sat"], "from": "17:00", "until": "20:00"}],
            "topics": [],
            "max_per_week": 2,
            "pause_until": None,
            "personalised": True,
            "marketing": ["email"],
        },
        answer=PreferencesAnswer,
        problems=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
        parameters=[CUSTOMER],
    ),
)
def change_the_preferences(body: Body, customer: int) -> dict[str, object]:
    """Replace the preferences of a member.

    Consents that change are kept as new dated statements. Answers with what holds
    from now on.
    """
    problems = [*_problems(body)]
    if problems:
        raise Invalid(problems)
    customer_id = CustomerID(customer)
    with database().transaction() as session:
        profile = get_profile(session, customer_id=customer_id)
        if unheard := [*_without_provider(body, profile, parts().channels)]:
            raise Invalid(unheard)
        change_preferences(
            session,
            customer_id=customer_id,
            wishes=_wishes(body),
            speaker=Speaker(actor=caller().actor, source="api"),
            policy=policy_of(get_programme(session), parts().channels),
            now=utc_now(),
        )
        session.flush()
        return preferences_document(get_profile(session, customer_id=customer_id))


class ConsentAnswer(Schema):
    """A dated statement; the latest one on a matter counts."""

    purpose = text(metadata={"enum": [one.value for one in Purpose]})
    channel = text(allow_none=True)
    state = text(metadata={"enum": ["asked", "given", "withdrawn"]})
    wording = text()
    wording_version = text()
    source = text()
    actor = text()
    at = moment()


class ConsentsAnswer(Schema):
    """Everything that was said, the oldest first."""

    consents = fields.List(fields.Nested(ConsentAnswer), required=True)


@get(
    resource,
    Operation(
        path=f"{ONE}/consents",
        scope=ApiScope.CUSTOMERS_READ,
        answer=ConsentsAnswer,
        problems=(HTTPStatus.NOT_FOUND,),
        parameters=[CUSTOMER],
    ),
)
def list_the_consents(customer: int) -> dict[str, object]:
    """List what a member agreed to and withdrew.

    Where the programme asks for double opt-in, a yes is `asked` until a later statement
    confirms it.
    """
    customer_id = CustomerID(customer)
    with database().transaction() as session:
        get_profile(session, customer_id=customer_id)
        said = list_consents(session, customer_id=customer_id)
    return {
        "consents": [
            {
                "purpose": one.purpose.value,
                "channel": one.channel and one.channel.value,
                "state": "asked"
                if one.asked
                else "given"
                if one.given
                else "withdrawn",
                "wording": one.wording,
                "wording_version": one.wording_version,
                "source": one.source,
                "actor": one.actor,
                "at": one.at,
            }
            for one in said
        ]
    }


def _wishes(body: Body) -> Wishes:
    return Wishes(
        language=body["language"],
        channels=tuple(Channel(name) for name in body["channels"]),
        windows=tuple(
            WeeklyWindow(
                days=frozenset(DAY_NAMES.index(day) for day in window["days"]),
                start=minutes_of(window["start"]),
                until=minutes_of(window["until"]),
            )
            for window in body["windows"]
        ),
        topics=tuple(dict.fromkeys(body["topics"])),
        max_per_week=body["max_per_week"],
        pause_until=body["pause_until"],
        personalised=body["personalised"],
        marketing=frozenset(Channel(name) for name in body["marketing"]),
    )


def _without_provider(
    body: Body, profile: Profile, providers: Collection[Channel]
) -> Iterator[Problem]:
    """Refuse a channel that nothing stands behind, unless it was said before."""
    said = {
        "channels": frozenset(profile.preferences.channels),
        "marketing": profile.marketing_channels,
    }
    there = ", ".join(sorted(providers))
    for field, known in said.items():
        for place, name in enumerate(body[field]):
            if name not in known and name not in providers:
                message = _(
                    "Nothing stands behind %(channel)s here; there are: %(there)s.",
                    channel=name,
                    there=there,
                )
                at = f"/{field}/{place}"
                yield Problem(pointer=at, message=message, code="no_provider")


def _problems(body: Body) -> Iterator[Problem]:
    taken: set[tuple[str, str]] = set()
    for place, window in enumerate(body["windows"]):
        at = f"/windows/{place}"
        if not window["start"] < window["until"]:
            message = _("The end must be later than the beginning, on the same day.")
            yield Problem(pointer=f"{at}/until", message=message, code="window_empty")
        begins = {(day, window["start"]) for day in window["days"]}
        if begins & taken:
            message = _("Another window begins at this time of this day.")
            yield Problem(pointer=f"{at}/from", message=message, code="window_twice")
        taken |= begins
