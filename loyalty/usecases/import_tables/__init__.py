"""Taking over another system's tables, from products to past campaigns.

A table comes as rows of texts by column name. Every row is read before anything is
changed; what can't be read is said row by row, with the column and the way out.
"""

from loyalty.usecases.import_tables.campaigns import (
    CAMPAIGN_COLUMNS,
    RECIPIENT_COLUMNS,
    REDEMPTION_COLUMNS,
    Recipient,
    Redemption,
    read_campaigns,
    read_recipients,
    read_redemptions,
)
from loyalty.usecases.import_tables.customers import CUSTOMER_COLUMNS, read_customers
from loyalty.usecases.import_tables.products import PRODUCT_COLUMNS, read_products
from loyalty.usecases.import_tables.purchases import PURCHASE_COLUMNS, read_purchases
from loyalty.usecases.import_tables.reading import BadRow, Reading, Row

__all__ = [
    "CAMPAIGN_COLUMNS",
    "CUSTOMER_COLUMNS",
    "PRODUCT_COLUMNS",
    "PURCHASE_COLUMNS",
    "RECIPIENT_COLUMNS",
    "REDEMPTION_COLUMNS",
    "BadRow",
    "Reading",
    "Recipient",
    "Redemption",
    "Row",
    "read_campaigns",
    "read_customers",
    "read_products",
    "read_purchases",
    "read_recipients",
    "read_redemptions",
]
