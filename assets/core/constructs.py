"""The constructs of the study, and what each is to a reader.

A further construct touches this file and five others; docs/developing.md says which.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Construct:
    """One thing that is measured.

    Attributes:
        name: at most 12 small letters; a column's name, a CSS class and a word on the page.
        meaning: the page's sentence on it.
        symbol: Plotly's name of the mark that stands for it beside its colour.
        favourable: whether more of it is what a team would wish for.
    """

    name: str
    meaning: str
    symbol: str
    favourable: bool


STUDIED = (
    Construct(
        "burnout",
        "Words of being worn out, drained, or past caring about the work.",
        "circle",
        favourable=False,
    ),
    Construct(
        "resilience",
        "Words of bouncing back: coping, recovering, keeping each other going.",
        "square",
        favourable=True,
    ),
    Construct(
        "resistance",
        "Words of pushing back to keep people safe: objecting, refusing, raising concerns.",
        "triangle-up",
        favourable=False,
    ),
)
CONSTRUCTS = tuple(one.name for one in STUDIED)
"""Their names, in the order in which they are shown."""

OF_NAME = {one.name: one for one in STUDIED}
