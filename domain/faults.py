"""What is wrong with a message, field by field, in our words and without a value that came with it."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import StringConstraints, ValidationError

__all__ = ["AN_ID", "AN_OFFICER", "A_RANK", "A_REFERENCE", "DAY", "FORMS", "MOMENT", "MOST", "faults", "form", "said"]

FIELD = re.compile(r"[a-z][a-z0-9_]{0,30}")
MOST = 5  # faults that are told one by one

DAY = "has to be a day, as 2026-03-31"
MOMENT = "has to be a moment with its time zone, as 2026-03-31T09:30+01:00"
A_REFERENCE = "has to be 3 to 41 capital letters, digits and hyphens, no hyphen first, as NEW-2026-0001"
AN_ID = "has to be an id: up to 64 letters, digits, dots, hyphens and underscores, a letter or digit first, as p-1041"
AN_OFFICER = "has to be a capital letter with up to 7 capital letters or digits after it, as A"
A_RANK = "has to be a rank alone: up to 40 letters, spaces, hyphens, brackets and apostrophes, a letter first"
MAPPING, LIST, NUMBER = "has to be a mapping of names to values", "has to be a list", "has to be a whole number"
YES_OR_NO = "has to be true or false"

# By the type of pydantic's error. Its own words say the same of Python's types, and change with its releases.
WORDS = {
    "missing": "is missing",
    "dict_type": MAPPING,
    "mapping_type": MAPPING,
    "model_type": MAPPING,
    "model_attributes_type": MAPPING,
    "string_type": "has to be text",
    "string_unicode": "has to be text",
    "string_too_short": "is empty",
    "string_too_long": "is longer than {max_length} characters",
    "enum": "has to be {expected}",
    "literal_error": "has to be {expected}",
    "bool_type": YES_OR_NO,
    "bool_parsing": YES_OR_NO,
    "int_type": NUMBER,
    "int_parsing": NUMBER,
    "int_from_float": NUMBER,
    "int_parsing_size": NUMBER,
    "list_type": LIST,
    "tuple_type": LIST,
    "too_short": "holds less than {min_length}",
    "too_long": "holds more than {max_length}",
    "greater_than_equal": "has to be {ge} or more",
    "less_than_equal": "has to be {le} or less",
    "date_type": DAY,
    "date_parsing": DAY,
    "date_from_datetime_parsing": DAY,
    "date_from_datetime_inexact": DAY,
    "datetime_type": MOMENT,
    "datetime_parsing": MOMENT,
    "datetime_from_date_parsing": MOMENT,
    "datetime_object_invalid": MOMENT,
    "timezone_aware": MOMENT,
}

FORMS: dict[str, str] = {}  # the patterns of fields, in words for people


def form(pattern: str, words: str) -> StringConstraints:
    """Text of this pattern; of another it is said in these words what it has to be."""
    FORMS[pattern] = words
    return StringConstraints(pattern=pattern)


def faults(wrong: ValidationError) -> str:
    """Every fault, the first few one by one; without a full stop."""
    found = wrong.errors(include_url=False, include_input=False)
    lists = {each["loc"][:place] for each in found for place in range(1, len(each["loc"]))}
    # A list is left at its first fault, and is not too short because of that.
    found = [each for each in found if each["type"] != "too_short" or each["loc"] not in lists]
    told = list(dict.fromkeys(_fault(each["loc"], each["type"], each["msg"], each.get("ctx", {})) for each in found))
    return "; ".join(told[:MOST]) + (f"; and {len(told) - MOST} more" if len(told) > MOST else "")


def _fault(where: tuple[int | str, ...], fault: str, message: str, context: Mapping[str, Any]) -> str:
    if fault == "extra_forbidden":
        if _named(where[-1]):
            return f"{_joined(where)}: no such field"
        return f"{_joined(where)}: holds a field that is not known"
    return f"{_joined(where)}: {said(fault, message, context)}"


def said(fault: str, message: str, context: Mapping[str, Any]) -> str:
    """What is wrong with a value, by pydantic's type of the fault, its own message and what belongs to it."""
    if fault == "string_pattern_mismatch":
        return FORMS.get(context["pattern"], "is not written as it has to be")
    return WORDS[fault].format(**context) if fault in WORDS else message.removeprefix("Value error, ")


def _joined(where: tuple[int | str, ...]) -> str:
    return ".".join(str(each) for each in where if _named(each)) or "body"


def _named(key: int | str) -> bool:
    """Whether a key is repeated: a place in a list, or what could be a field's name. Another one may be personal."""
    return isinstance(key, int) or FIELD.fullmatch(key) is not None
