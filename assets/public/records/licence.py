"""The licence: on what terms the figures may be used, and how to cite them."""

from assets.public.records.facts import TERMS, PageFacts
from assets.public.records.metadata import NOT_FOR
from assets.public.records.record import Part, Record, of_page, said
from assets.public.records.written import long_date


def licence_record(facts: PageFacts) -> Record:
    """The licence of a release."""
    cited = f"{of_page(facts, 'citation')} (release {facts.number}, {long_date(facts.made_at)})"
    terms = [
        ("Licence", of_page(facts, "licence")),
        ("On any terms", TERMS),
        ("Not for", NOT_FOR),
        ("How to cite", cited),
        ("How experimental is it?", said(facts, "experimental_wording")),
    ]
    return Record(
        title="Licence and terms of use",
        content={
            "licence": of_page(facts, "licence"),
            "terms": TERMS,
            "not_for": NOT_FOR,
            "citation": cited,
        },
        parts=[
            Part(
                name="licence",
                heading="May I use it?",
                words=["This goes for all files of this release: figures, words and pictures."],
                terms=terms,
            )
        ],
    )
