"""Making the data's shorthand readable: departments, categories, products, brands."""

import re
from functools import cache
from typing import Final

_DEPARTMENTS: Final = {
    "": "Miscellaneous",
    "AUTOMOTIVE": "Miscellaneous",
    "CHARITABLE CONT": "Good causes",
    "CHEF SHOPPE": "Restaurant",
    "CNTRL/STORE SUP": "Miscellaneous",
    "COUPON": "Miscellaneous",
    "DRUG GM": "Home and health",
    "ELECT &PLUMBING": "Miscellaneous",
    "FLORAL": "Flowers",
    "FROZEN GROCERY": "Grocery",
    "GM MERCH EXP": "Miscellaneous",
    "GARDEN CENTER": "Garden",
    "HOUSEWARES": "Miscellaneous",
    "MEAT-PCKGD": "Packaged meat",
    "NUTRITION": "Natural foods",
    "PASTRY": "Bakery",
    "PHOTO & VIDEO": "Miscellaneous",
    "POSTAL CENTER": "Miscellaneous",
    "PROD-WHS SALES": "Miscellaneous",
    "SEAFOOD-PCKGD": "Packaged seafood",
    "TRAVEL & LEISURE": "Miscellaneous",
}
"""Departments whose name does not read well as it stands, or that hold too little."""

_CATEGORIES: Final = {
    "": "Other",
    "BAG SNACKS": "Crisps and snacks",
    "BAKED BREAD/BUNS/ROLLS": "Bread, buns and rolls",
    "BATH TISSUES": "Toilet paper",
    "BEANS - CANNED GLASS & MW": "Canned beans",
    "BEERS/ALES": "Beer and ale",
    "BREAKFAST SAUSAGE/SANDWICHES": "Breakfast sausages",
    "CANDY - CHECKLANE": "Sweets at the checkout",
    "CANDY - PACKAGED": "Sweets and chocolate",
    "CANNED JUICES": "Juice",
    "CHRISTMAS  SEASONAL": "Christmas",
    "COFFEE SHOP SWEET GOODS&RETAIL": "Coffee shop sweets",
    "CONDIMENTS/SAUCES": "Condiments and sauces",
    "CONVENIENT BRKFST/WHLSM SNACKS": "Breakfast bars and snacks",
    "COOKIES/CONES": "Biscuits and cones",
    "COUPON": "Vouchers",
    "COUPON/MISC ITEMS": "Fuel and vouchers",
    "COUPONS/STORE & MFG": "Vouchers",
    "CRACKERS/MISC BKD FD": "Crackers",
    "DELI SPECIALTIES (RETAIL PK)": "Deli specialities",
    "DINNER MXS:DRY": "Dinner mixes",
    "DOMESTIC WINE": "Wine from near by",
    "DRY BN/VEG/POTATO/RICE": "Rice, beans and dried potato",
    "DRY NOODLES/PASTA": "Pasta and noodles",
    "DRY SAUCES/GRAVY": "Dry sauces and gravy",
    "DRY TEA/COFFEE/COCO MIX": "Tea, coffee and cocoa",
    "FACIAL TISS/DNR NAPKIN": "Tissues and napkins",
    "FD WRAPS/BAGS/TRSH BG": "Wraps and bags",
    "FLUID MILK PRODUCTS": "Milk",
    "FROZEN - BOXED(GROCERY)": "Frozen fish in boxes",
    "FRZN JCE CONC/DRNKS": "Frozen juice",
    "FRZN MEAT/MEAT DINNERS": "Frozen meals",
    "FRZN NOVELTIES/WTR ICE": "Ice lollies",
    "FRZN POTATOES": "Chips and frozen potatoes",
    "FRZN VEGETABLE/VEG DSH": "Frozen vegetables",
    "GREETING CARDS/WRAP/PARTY SPLY": "Cards, wrapping and party",
    "HISPANIC": "Hispanic foods",
    "ICE CREAM/MILK/SHERBTS": "Ice cream",
    "MILK BY-PRODUCTS": "Cream and milk products",
    "MISC. DAIRY": "Other dairy",
    "MISC WINE": "Other wine",
    "MOLASSES/SYRUP/PANCAKE MIXS": "Syrup and pancake mix",
    "NDAIRY/TEAS/JUICE/SOD": "Teas and juices",
    "NEW AGE": "Energy drinks",
    "PEPPERS-ALL": "Peppers",
    "PICKLE/RELISH/PKLD VEG": "Pickles and relish",
    "PNT BTR/JELLY/JAMS": "Peanut butter and jam",
    "PROCESSED": "Prepared fruit and vegetables",
    "PROD SUPPLIES": "Supplies",
    "PWDR/CRYSTL DRNK MX": "Drink powders",
    "REFRGRATD DOUGH PRODUCTS": "Chilled dough",
    "REFRGRATD JUICES/DRNKS": "Chilled juice",
    "SALD DRSNG/SNDWCH SPRD": "Dressings and spreads",
    "SEASONAL": "In season",
    "SNKS/CKYS/CRKR/CNDY": "Natural snacks and biscuits",
    "SUGARS/SWEETNERS": "Sugar and sweeteners",
    "WATER - CARBONATED/FLVRD DRINK": "Water",
}

_WORDS: Final = {
    "bev": "beverage",
    "bkd": "baked",
    "bn": "beans",
    "br": "bread",
    "brkfst": "breakfast",
    "btl": "bottle",
    "btr": "butter",
    "car": "",
    "carb": "",
    "choc": "chocolate",
    "chs": "cheese",
    "ckys": "cookies",
    "cleang": "cleaning",
    "conc": "concentrate",
    "crkr": "crackers",
    "disposible": "disposable",
    "drnk": "drink",
    "drnks": "drinks",
    "cntrl": "control",
    "electricial": "electrical",
    "catfd": "cat food",
    "fd": "food",
    "fem.": "feminine",
    "frsh": "fresh",
    "frz": "frozen",
    "frzn": "frozen",
    "gds": "goods",
    "hygn.napkins": "hygiene pads",
    "incl": "",
    "iws": "wrapped",
    "jce": "juice",
    "memorablilia": "memorabilia",
    "misc": "various",
    "misc.": "various",
    "mixs": "mixes",
    "mxs": "mixes",
    "nat": "natural",
    "occas": "occasions",
    "pkgd": "packaged",
    "pkld": "pickled",
    "pnt": "peanut",
    "prem": "premium",
    "pnch": "punch",
    "prep": "prepared",
    "hbc": "health and beauty",
    "syrp": "syrup",
    "pwdr": "powder",
    "refrgratd": "chilled",
    "rte": "ready to eat",
    "sft": "soft",
    "snds": "sandwiches",
    "sngl": "single",
    "splnt": "supplement",
    "sply": "supplies",
    "spls": "supplies",
    "srv": "serve",
    "suppplies": "supplies",
    "sw": "sweet",
    "sweetners": "sweeteners",
    "trsh": "rubbish",
    "veg": "vegetables",
    "whlsm": "wholesome",
    "wht": "white",
    "wtr": "water",
}
"""Shorthand and misspellings, one word each; an empty one is dropped."""

_UNITS: Final = {
    "CT": "pcs",
    "DZ": "dozen",
    "GA": "gal",
    "LTR": "l",
    "L": "l",
    "LT": "l",
    "ML": "ml",
    "LB": "lb",
    "OZ": "oz",
    "PT": "pt",
    "QT": "qt",
}
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Z]+)")
_LONGEST_TYPE: Final = 30
"""The data cut product types off here."""

_FIRST: tuple[str, ...] = (
    *"BCDFGHJKLMNPRSTVWZ",
    "Br",
    "Cl",
    "Fr",
    "Gr",
    "Pl",
    "St",
    "Tr",
)
_VOWELS: Final = ("a", "e", "i", "o", "u")
_MIDDLE: Final = ("l", "r", "n", "m", "v", "nd", "lt", "st", "rn")
_LAST: Final = ("a", "o", "ia", "el", "is", "on")
_NAMES: Final = len(_FIRST) * len(_VOWELS) * len(_MIDDLE) * len(_LAST)
_STRIDE: Final = 4_007
"""A prime that shares no factor with the number of names: each brand has its own."""

_OWN_BRAND: Final = 69
_NO_BRAND: Final = 2
"""Fresh produce and other goods without a maker."""


@cache
def department_name(department: str) -> str:
    """Return the department as a shopper would call it."""
    return _DEPARTMENTS.get(department) or department.replace("&", "and").capitalize()


@cache
def category_name(category: str) -> str:
    """Return the category as a shopper would call it."""
    if category in _CATEGORIES:
        return _CATEGORIES[category]
    return readable(category.removeprefix("FLORAL-"))


@cache
def readable(text: str) -> str:
    """Return the data's shorthand as plain words, the first letter a capital."""
    if len(text) >= _LONGEST_TYPE and text.rfind("(") > text.rfind(")"):
        text = text[: text.rfind("(")]  # the closing bracket was cut off
    text = re.sub(r"\(.*?\)", " ", text).replace("&", " and ")
    text = re.sub(r"\s*[/:]\s*", " / ", text).replace(" - ", " / ")
    words = (_WORDS.get(word, word) for word in text.lower().split())
    plain = " ".join(word for word in words if word).strip(" /-,")
    return re.sub(r"( / )+", ", ", plain).capitalize()


@cache
def slug(text: str) -> str:
    """Return the text as a step of a category's path: ``a-z``, ``0-9``, ``-``."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


@cache
def package_size(size: str, *, department: str) -> str:
    """Return ``20 oz`` for ``20 OZ``; nothing for what is the size of a crate."""
    if department == "PRODUCE":
        return ""
    found = _SIZE.search(size)
    if found is None or found.group(2) not in _UNITS:
        return ""
    return f"{found.group(1)} {_UNITS[found.group(2)]}"


@cache
def brand_name(manufacturer: int) -> str | None:
    """Return an invented brand, always the same and no other maker's."""
    if manufacturer == _NO_BRAND:
        return None
    if manufacturer == _OWN_BRAND:
        return "Lab"
    number = manufacturer * _STRIDE % _NAMES
    number, last = divmod(number, len(_LAST))
    number, middle = divmod(number, len(_MIDDLE))
    first, vowel = divmod(number, len(_VOWELS))
    return _FIRST[first] + _VOWELS[vowel] + _MIDDLE[middle] + _LAST[last]
