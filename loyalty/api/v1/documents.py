"""The promotion document in JSON Schema, drawn from the schema that reads it.

What stands between two fields and has no words in JSON Schema (an end after its
beginning, rising steps) is left to the reader's own check.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from marshmallow import Schema, fields

from loyalty.api.v1.fields import PRINTABLE
from loyalty.core.periods import DAY_NAMES
from loyalty.promotions.schema import PromotionSchema
from loyalty.promotions.schema import fields as own
from loyalty.promotions.schema.audiences import AudienceField, RangePart
from loyalty.promotions.schema.parts import PriceRange, SelectorPart
from loyalty.promotions.schema.promotions import CodeField, NamesField
from loyalty.promotions.schema.rewards import StepPart

Said = dict[str, Any]

_REFERENCE: Final = "#/components/schemas/"
_MONEY: Final = r"^[0-9]{1,9}(\.[0-9]{1,3})?$"
_ABOVE_ZERO: Final = (
    r"^([1-9][0-9]{0,8}(\.[0-9]{1,3})?"
    r"|0\.(00[1-9]|0[1-9][0-9]?|[1-9][0-9]{0,2}))$"
)
_PERCENT: Final = (
    r"^(100(\.0{1,2})?|[1-9][0-9]?(\.[0-9]{1,2})?|0\.([1-9][0-9]?|0[1-9]))$"
)
_FACTOR: Final = (
    r"^(100(\.0{1,2})?|[1-9][0-9](\.[0-9]{1,2})?|[2-9](\.[0-9]{1,2})?"
    r"|1\.([1-9][0-9]?|0[1-9]))$"
)
_LOCAL: Final = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9](:00)?$"
)
_CLOCK: Final = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
_NARROW: Final = {
    "skus": "array",
    "categories": "array",
    "brands": "array",
    "tags": "array",
    "unit_price": "object",
}


class DocumentField(fields.Raw):
    """A whole promotion document, in an answer."""

    json_schema: Mapping[str, object] = {"$ref": f"{_REFERENCE}PromotionDocument"}


def request_body(name: str, example: object) -> Said:
    """Return what an operation says of a body that is described here."""
    content = {"schema": {"$ref": _REFERENCE + name}, "example": example}
    return {"required": True, "content": {"application/json": content}}


def promotion_schemas() -> dict[str, Said]:
    """Return the components of the promotion document by name."""
    drawing = _Drawing()
    drawing.component("PromotionDocument", PromotionSchema())
    return drawing.components


class _Drawing:
    """The components found so far; a name stands there before it is drawn."""

    def __init__(self) -> None:
        self.components: dict[str, Said] = {}

    def component(self, name: str, schema: Schema) -> Said:
        """Return a reference to a schema, and draw it when it is new."""
        if name not in self.components:
            self.components[name] = {}
            self.components[name] = self._object(schema)
        return {"$ref": _REFERENCE + name}

    def field(self, field: fields.Field[Any]) -> Said:
        """Return what a field takes."""
        said = self._value(field)
        if not field.allow_none:
            return said
        if isinstance(said.get("type"), str):
            enum = {"enum": [*said["enum"], None]} if "enum" in said else {}
            return said | {"type": [said["type"], "null"]} | enum
        return {"anyOf": [said, {"type": "null"}]}

    def _value(self, field: fields.Field[Any]) -> Said:
        if isinstance(field, AudienceField):
            if "Audience" not in self.components:
                self.components["Audience"] = {}
                self.components["Audience"] = self._tagged(field)
            return {"$ref": _REFERENCE + "Audience"}
        if isinstance(field, own.Tagged):
            return self._tagged(field)
        if isinstance(field, fields.Nested):
            name = type(field.schema).__name__.removesuffix("Part")
            return self.component(name, field.schema)
        if isinstance(field, fields.List):
            several: Said = {"type": "array", "items": self.field(field.inner)}
            if isinstance(field, own.Several):
                several |= {"minItems": 1, "uniqueItems": True}
            return several
        if isinstance(field, fields.Enum):
            return {"type": "string", "enum": [kind.value for kind in field.enum]}
        return next(draw(field) for kind, draw in _PLAIN if isinstance(field, kind))

    def _tagged(self, field: own.Tagged) -> Said:
        return {
            "oneOf": [
                {
                    "type": "object",
                    "title": key,
                    "required": [key],
                    "properties": {key: self.field(inner)},
                    "additionalProperties": False,
                }
                for key, (inner, _build) in field.table().items()
            ]
        }

    def _object(self, schema: Schema) -> Said:
        known = {field.data_key or name: field for name, field in schema.fields.items()}
        said: Said = {
            "type": "object",
            "description": (type(schema).__doc__ or "").strip().split("\n")[0],
            "properties": {key: self.field(field) for key, field in known.items()},
            "additionalProperties": False,
        }
        required = [key for key, field in known.items() if field.required]
        if required:
            said["required"] = required
        if isinstance(schema, SelectorPart):
            said["anyOf"] = _selections()
        if isinstance(schema, StepPart):
            said["oneOf"] = [_alone("percent", "amount"), _alone("amount", "percent")]
        if isinstance(schema, PriceRange | RangePart):
            text = "string" if isinstance(schema, PriceRange) else "integer"
            said["anyOf"] = [_given(key, text) for key in ("at_least", "below")]
        return said


def _given(key: str, kind: str) -> Said:
    return {"required": [key], "properties": {key: {"type": kind}}}


def _alone(key: str, other: str) -> Said:
    given = {"not": {"type": "null"}}
    return {"required": [key], "properties": {key: given, other: {"type": "null"}}}


def _selections() -> list[Said]:
    nothing = {key: {"type": "null"} for key in _NARROW}
    everything = {
        "required": ["all"],
        "properties": {"all": {"const": True}, **nothing},
    }
    some = []
    for key, kind in _NARROW.items():
        given = _given(key, kind)
        given["properties"]["all"] = {"const": False}
        some.append(given)
    return [everything, *some]


def _text(field: own.Text) -> Said:
    said: Said = {"type": "string", "minLength": 1, "maxLength": field.longest}
    return said | {"pattern": PRINTABLE}


def _names(_field: object) -> Said:
    return {
        "type": "object",
        "description": "One text a language; English is required.",
        "required": ["en"],
        "propertyNames": {"pattern": r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"},
        "additionalProperties": _text(own.Text(longest=200)),
    }


def _decimal(field: own.DecimalText) -> Said:
    pattern, least = (_PERCENT, 1) if field.above == 0 else (_FACTOR, 2)
    return {
        "anyOf": [
            {"type": "string", "pattern": pattern},
            {"type": "integer", "minimum": least, "maximum": int(field.most)},
        ]
    }


def _money(field: own.MoneyText) -> Said:
    pattern = _ABOVE_ZERO if field.least else _MONEY
    return {"type": "string", "format": "money", "pattern": pattern}


def _step(_field: object) -> Said:
    whole = {"type": "integer", "minimum": 1, "maximum": own.LARGEST_WHOLE}
    return {
        "description": "Money by spend, a whole number by quantity.",
        "anyOf": [_money(own.MoneyText()), whole],
    }


_PLAIN: Final[tuple[tuple[type, Callable[[Any], Said]], ...]] = (
    (CodeField, lambda _f: {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"}),
    (NamesField, _names),
    (own.Text, _text),
    (
        own.Whole,
        lambda f: {"type": "integer", "minimum": f.least, "maximum": f.most},
    ),
    (own.DecimalText, _decimal),
    (own.MoneyText, _money),
    (
        own.LocalMoment,
        lambda _f: {"type": "string", "format": "local-time", "pattern": _LOCAL},
    ),
    (own.ClockTime, lambda _f: {"type": "string", "pattern": _CLOCK}),
    (own.DayName, lambda _f: {"type": "string", "enum": list(DAY_NAMES)}),
    (own.TrueOrFalse, lambda _f: {"type": "boolean"}),
    (fields.Raw, _step),
)
"""What each plain field takes; a subclass stands before its base."""
