"""What an entry got wrong of its form, field by field, in the form's words."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from resources.stores.study.entry_forms import Entry

_WANTED: Mapping[str, str] = {
    "missing": "missing",
    "bool_type": "yes or no",
    "int_type": "a whole number",
    "greater_than_equal": "a larger number",
    "less_than_equal": "a smaller number",
    "string_type": "a text; put one that holds a colon, or a number, in quotation marks",
    "string_too_short": "too short to say anything",
    "string_too_long": "shorter",
    "list_type": "a list, a line each after a dash",
    "dict_type": "names with a value each",
    "model_type": "fields under it",
    "model_attributes_type": "fields under it",
    "too_short": "at least one",
}
_BY_BEGINNING = {"date": "a day, as 2026-11-30", "int_": "a whole number", "bool_": "yes or no"}
_BY_PATTERN = "a digest of 64 characters, or a short name in small letters"


def closest(name: object, names: Iterable[str]) -> str | None:
    """Which of the known names somebody may have meant; None if none is like it."""
    found = get_close_matches(str(name), list(names), n=1)
    return found[0] if found else None


def form_faults(form: type[Entry], error: ValidationError) -> dict[str, str]:
    """What is wrong, by field.

    A field that the form doesn't have is not repeated, but the known one that is like it.
    """
    found: dict[str, str] = {}
    for one in error.errors(include_input=False, include_url=False):
        name, wanted = _field(form, one["loc"]), _wanted(one["type"], one.get("ctx", {}))
        if one["type"] == "extra_forbidden":
            like = closest(one["loc"][-1], _fields_at(form, one["loc"]))
            name = f"{name} beside `{like}`" if like else name
            wanted = "not a field of it"
        found.setdefault(name, wanted)
    return found


def _wanted(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "literal_error":
        return f"one of {context['expected']}"
    if kind == "string_pattern_mismatch":
        return _BY_PATTERN
    known = _WANTED.get(kind)
    if known is None:
        known = next((said for one, said in _BY_BEGINNING.items() if kind.startswith(one)), "")
    return known


def _field(form: type[Entry], place: tuple[int | str, ...]) -> str:
    """The field that the form has; below a field, only names that forms have are told."""
    first = str(place[0]) if place else ""
    if first not in form.model_fields:
        return "(a field too many)"
    nested = [str(part) for part in place[1:2] if isinstance(part, str)]
    return ".".join([first, *nested])


def _fields_at(form: type[Entry], place: tuple[int | str, ...]) -> list[str]:
    """Names that a form has where a field too many stands."""
    if len(place) == 1:
        return list(form.model_fields)
    about = form.model_fields.get(str(place[0]))
    nested = getattr(about.annotation, "model_fields", None) if about else None
    return list(nested or ())
