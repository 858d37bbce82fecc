"""Taking over products, customers and purchases from another system's tables.

A table comes as rows of texts by column name. Every row is read before anything is
changed; what can't be read is said row by row, with the column and the way out.
"""

from loyalty.usecases.import_tables.customers import CUSTOMER_COLUMNS, read_customers
from loyalty.usecases.import_tables.products import PRODUCT_COLUMNS, read_products
from loyalty.usecases.import_tables.purchases import PURCHASE_COLUMNS, read_purchases
from loyalty.usecases.import_tables.reading import BadRow, Reading, Row

__all__ = [
    "CUSTOMER_COLUMNS",
    "PRODUCT_COLUMNS",
    "PURCHASE_COLUMNS",
    "BadRow",
    "Reading",
    "Row",
    "read_customers",
    "read_products",
    "read_purchases",
]
