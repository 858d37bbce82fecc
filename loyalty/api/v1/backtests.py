"""Back-tests: what a promotion would have done on recorded purchases."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from flask import url_for
from marshmallow import Schema, fields

from loyalty.api.auth import caller, check_everywhere
from loyalty.api.v1.answers import amount, moment, text, whole
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.fields import LARGEST_ID, Moment, Request
from loyalty.api.v1.operations import Operation, Resource, get, path_parameter, post
from loyalty.core.clock import utc_now
from loyalty.core.money import decimal_text
from loyalty.promotions.queries.backtests import get_backtest
from loyalty.promotions.service import backtests
from loyalty.promotions.values.backtests import (
    BacktestID,
    BacktestState,
    StoredBacktest,
)
from loyalty.staff.values import ApiScope
from loyalty.usecases.backtest_promotion import PeriodAskedFor, ask_backtest
from loyalty.web.context import database

resource = Resource(
    "Back-tests", "What a promotion would have done on recorded purchases."
)

_ONE: Final = f"/backtests/<int(min=1, max={LARGEST_ID}):backtest>"
_NUMBER: Final = path_parameter(
    "backtest", type="integer", minimum=1, maximum=LARGEST_ID, example=1
)
_MONEY: Final = ("cost", "given")
_MARGINS: Final = ("before", "after", "cost")


class PeriodRequest(Request):
    """Which purchases: all that are recorded, unless said otherwise."""

    since = Moment(
        data_key="from",
        required=True,
        allow_none=True,
        metadata={"description": "null is from the first purchase on."},
    )
    until = Moment(load_default=None, allow_none=True)


class ShareAnswer(Schema):
    """The baskets of one day, store or segment that it applied to."""

    key = text(
        metadata={
            "description": "The day, the store's code, or the segment: empty for "
            "customers in none, - for baskets without a card."
        }
    )
    baskets = whole()
    cost = amount(example="12.40")


class IntervalAnswer(Schema):
    """Where the cost would lie for other shoppers like these, 19 times in 20."""

    low = amount(example="1010.00")
    high = amount(example="1490.00")
    shoppers = whole()


class MarginAnswer(Schema):
    """What the lines of known cost bring in the baskets that it applied to."""

    before = amount()
    after = amount()
    cost = amount()
    share = fields.Float(
        required=True, metadata={"description": "How much of these baskets it is."}
    )
    below_cost = whole(
        metadata={"description": "How many baskets it brings below their cost."}
    )


class WorstAnswer(Schema):
    """The basket on which most was given away."""

    receipt = text()
    store = text()
    at = text(metadata={"format": "date-time"})
    before = amount()
    cost = amount()


class ResultAnswer(Schema):
    """What it would have done, if people had bought the same."""

    currency = text(metadata={"example": "EUR"})
    baskets = whole(metadata={"description": "Recorded in the period."})
    concerned = whole(
        metadata={"description": "Of these, holding something that it is about."}
    )
    touched = whole(metadata={"description": "Baskets to which it applied."})
    customers = whole()
    without_card = whole(metadata={"description": "Baskets without a card."})
    times = whole(metadata={"description": "Sets, for rewards that apply a set."})
    given = amount(example="1230.00")
    cost = amount(example="1190.00")
    points = whole()
    interval = fields.Nested(IntervalAnswer, required=True, allow_none=True)
    margin = fields.Nested(MarginAnswer, required=True, allow_none=True)
    by_day = fields.List(fields.Nested(ShareAnswer), required=True)
    by_store = fields.List(fields.Nested(ShareAnswer), required=True)
    by_segment = fields.List(fields.Nested(ShareAnswer), required=True)
    worst = fields.Nested(WorstAnswer, required=True, allow_none=True)
    limit_reached = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "format": "date-time",
            "description": "When its own total or budget was used up.",
        },
    )
    unproven = whole(
        metadata={"description": "Baskets whose lowest price was not proven."}
    )
    assumptions = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What is taken for granted, by stable names."},
    )


class BacktestAnswer(Schema):
    """A back-test as it stands."""

    backtest = whole(metadata={"example": 1})
    promotion = text(metadata={"example": "coffee-20"})
    version = whole(
        allow_none=True,
        metadata={"description": "Of the promotion; null for one not saved so."},
    )
    state = text(metadata={"enum": [state.value for state in BacktestState]})
    since = fields.AwareDateTime(
        required=True, allow_none=True, format="iso", data_key="from"
    )
    until = moment()
    done = whole(metadata={"description": "Purchases priced so far."})
    total = whole()
    problem = text(
        allow_none=True, metadata={"description": "Why it failed, if it did."}
    )
    result = fields.Nested(ResultAnswer, required=True, allow_none=True)


@post(
    resource,
    Operation(
        path="/promotions/<string:code>/backtest",
        scope=ApiScope.PROMOTIONS_WRITE,
        body=PeriodRequest,
        example={"from": "2025-11-01T00:00:00+01:00"},
        answer=BacktestAnswer,
        status=HTTPStatus.ACCEPTED,
        problems=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
        parameters=[
            path_parameter(
                "code",
                type="string",
                minLength=1,
                format="promotion-code",
                example="coffee-20",
            )
        ],
    ),
)
def begin_a_backtest(
    body: Body, code: str
) -> tuple[dict[str, object], HTTPStatus, dict[str, str]]:
    """Price recorded purchases with and without a promotion.

    A background job; `Location` says where to look how far it is and what came of it.
    """
    check_everywhere()
    with database().transaction() as session:
        backtest_id = ask_backtest(
            session,
            promotion=code,
            period=PeriodAskedFor(since=body["since"], until=body["until"]),
            actor=caller().actor,
            now=utc_now(),
        )
        answer = _document(get_backtest(session, backtest_id=backtest_id))
    place = url_for("Back-tests.show_a_backtest", backtest=backtest_id)
    return answer, HTTPStatus.ACCEPTED, {"Location": place}


@get(
    resource,
    Operation(
        path=_ONE,
        scope=ApiScope.PROMOTIONS_READ,
        answer=BacktestAnswer,
        problems=(HTTPStatus.NOT_FOUND,),
        parameters=[_NUMBER],
    ),
)
def show_a_backtest(backtest: int) -> dict[str, object]:
    """Return a back-test.

    How far it is, and its result once it is done. It assumes unchanged behaviour:
    that people would have bought the same.
    """
    check_everywhere()
    with database().transaction() as session:
        return _document(get_backtest(session, backtest_id=BacktestID(backtest)))


@post(
    resource,
    Operation(
        path=f"{_ONE}/cancel",
        scope=ApiScope.PROMOTIONS_WRITE,
        answer=BacktestAnswer,
        problems=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
        parameters=[_NUMBER],
    ),
)
def cancel_a_backtest(backtest: int) -> dict[str, object]:
    """End a back-test before it is done.

    It stops within seconds and keeps no result.
    """
    check_everywhere()
    backtest_id = BacktestID(backtest)
    with database().transaction() as session:
        backtests.cancel(
            session, backtest_id=backtest_id, actor=caller().actor, now=utc_now()
        )
        return _document(get_backtest(session, backtest_id=backtest_id))


def _document(stored: StoredBacktest) -> dict[str, object]:
    return {
        "backtest": stored.id,
        "promotion": stored.promotion,
        "version": stored.version,
        "state": stored.state.value,
        "since": stored.since,
        "until": stored.until,
        "done": stored.done,
        "total": stored.total,
        "problem": stored.problem,
        "result": None if stored.result is None else _result(stored.result),
    }


def _result(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored result with money as texts."""
    currency = found["currency"]
    answer = _texts(found, _MONEY, currency)
    for name in ("by_day", "by_store", "by_segment"):
        answer[name] = [_texts(share, ("cost",), currency) for share in found[name]]
    for name, amounts in (
        ("interval", ("low", "high")),
        ("margin", _MARGINS),
        ("worst", ("before", "cost")),
    ):
        if found[name] is not None:
            answer[name] = _texts(found[name], amounts, currency)
    return answer


def _texts(
    values: Mapping[str, Any], names: tuple[str, ...], currency: str
) -> dict[str, Any]:
    return dict(values) | {
        name: decimal_text(int(values[name]), currency) for name in names
    }
