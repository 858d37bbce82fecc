"""What an audience asks about its customers."""

from collections.abc import Iterator

from loyalty.promotions.values import AllOf, AnyOf, Audience, Not


def conditions(audience: Audience | None) -> Iterator[Audience]:
    """Give every condition of an audience's tree, without those that join them."""
    if audience is None:
        return
    if isinstance(audience, AllOf | AnyOf):
        for part in audience.parts:
            yield from conditions(part)
    elif isinstance(audience, Not):
        yield from conditions(audience.part)
    else:
        yield audience
