"""What the fields of requests take, in the words of JSON Schema."""

from typing import Any

from marshmallow import fields

from loyalty.api.v1.documents import DocumentField
from loyalty.api.v1.fields import (
    PRINTABLE,
    Days,
    Matching,
    Moment,
    OneOf,
    Text,
    TrueOrFalse,
    Whole,
)


def describe_field(
    _converter: object, field: fields.Field[Any], **_: object
) -> dict[str, object]:
    """Say in JSON Schema what one of these fields takes."""
    said: dict[str, object] = {}
    match field:
        case Text():
            said = {"type": "string", "minLength": 1, "maxLength": field.longest}
            said["pattern"] = PRINTABLE
        case Whole():
            said = {"type": "integer", "minimum": field.least, "maximum": field.most}
        case TrueOrFalse():
            said = {"type": "boolean"}
        case Matching():
            said = {"type": "string", "pattern": field.pattern} | type(
                field
            ).json_schema
        case Moment():
            said = dict(field.json_schema)
        case OneOf():
            said = {"type": "string", "enum": list(field.names)}
        case DocumentField():
            said = dict(field.json_schema)
        case Days():
            said = {"minItems": 1, "uniqueItems": True}
    return _nullable(said) if field.allow_none else said


def _nullable(said: dict[str, object]) -> dict[str, object]:
    if isinstance(said.get("type"), str):
        said["type"] = [said["type"], "null"]
    if isinstance(said.get("enum"), list):
        said["enum"] = [*said["enum"], None]  # type: ignore[misc]  # a list, as asked
    return said
