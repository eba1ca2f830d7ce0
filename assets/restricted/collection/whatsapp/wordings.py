"""The wordings of WhatsApp in many phone languages, as `wordings.yaml` lists them."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

Wordings = dict[str, dict[str, Any]]


@cache
def wordings() -> Wordings:
    """All wordings by language, then by what they say."""
    text = (
        files("assets.restricted.collection.whatsapp")
        .joinpath("wordings.yaml")
        .read_text(encoding="utf-8")
    )
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def every(what: str) -> tuple[str, ...]:
    """One list of wordings over all languages, without repeats, in the order of the file."""
    found = (wording for language in wordings().values() for wording in language.get(what, ()))
    return tuple(dict.fromkeys(found))
