"""Reading customers, with personal values opened for the reader."""

from loyalty.customers.queries.birthdays import (
    birthday_mark,
    birthday_marks,
    marks_on,
)
from loyalty.customers.queries.changes import (
    Change,
    has_changes,
    list_changes,
)
from loyalty.customers.queries.consents import (
    asked_marketing,
    list_consents,
    measured_customers,
    personalised_customers,
    select_personalised,
    standing_marketing,
    wording_of,
)
from loyalty.customers.queries.contacts import contact_that_got, owner_of
from loyalty.customers.queries.lists import (
    Listed,
    count_customers,
    enrolled_since,
    languages_of,
    latest_customers,
    names_of,
    traits,
    zones_of,
)
from loyalty.customers.queries.profiles import get_profile
from loyalty.customers.queries.records import (
    STANDING,
    counted_for,
    merges_of,
    records_of,
    select_records,
    standing_merges,
    standing_record,
)
from loyalty.customers.queries.rows import (
    CustomerNotFound,
    find_by_address,
    get_row,
    member_vault,
)
from loyalty.customers.queries.shoppers import get_shopper

__all__ = [
    "STANDING",
    "Change",
    "CustomerNotFound",
    "Listed",
    "asked_marketing",
    "birthday_mark",
    "birthday_marks",
    "contact_that_got",
    "count_customers",
    "counted_for",
    "enrolled_since",
    "find_by_address",
    "get_profile",
    "get_row",
    "get_shopper",
    "has_changes",
    "languages_of",
    "latest_customers",
    "list_changes",
    "list_consents",
    "marks_on",
    "measured_customers",
    "member_vault",
    "merges_of",
    "names_of",
    "owner_of",
    "personalised_customers",
    "records_of",
    "select_personalised",
    "select_records",
    "standing_marketing",
    "standing_merges",
    "standing_record",
    "traits",
    "wording_of",
    "zones_of",
]
