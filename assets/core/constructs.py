"""The constructs of the study, and what each is to a reader.

A further construct touches this file and seven others; docs/developing.md says which.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Construct:
    """One thing that is measured.

    Attributes:
        name: at most 12 small letters; a column's name, a CSS class and a word on the page.
        in_short: what stands under its heading, at most 38 letters.
        meaning: the page's sentence on it.
        favourable: whether more of it is what a team would wish for.
    """

    name: str
    in_short: str
    meaning: str
    favourable: bool


STUDIED = (
    Construct(
        "burnout",
        "being worn out, drained, past caring",
        "Words of being worn out, drained, or past caring about the work.",
        favourable=False,
    ),
    Construct(
        "resilience",
        "coping, recovering, keeping going",
        "Words of bouncing back: coping, recovering, keeping each other going.",
        favourable=True,
    ),
    Construct(
        "resistance",
        "pushing back to keep people safe",
        "Words of pushing back to keep people safe: objecting, refusing, raising concerns.",
        favourable=False,
    ),
)
CONSTRUCTS = tuple(one.name for one in STUDIED)
"""Their names, in the order in which they are shown."""

OF_NAME = {one.name: one for one in STUDIED}
