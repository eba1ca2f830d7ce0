"""The register's index: which systems there are and were, in which phases, and their records.

Others can collect it. What was retired or replaced stays in it.
"""

from collections.abc import Sequence
from typing import Any

from assets.core.public_files import RECORDS
from assets.public.records.algorithm_record import NAME, STANDARD
from assets.public.records.facts import PageFacts
from assets.public.records.record import Part, Record, Table, of_page, said
from assets.released.reviewed_facts import Since

NOW = "now"
"""The end of what has not ended."""
SHOWN_OF_DIGEST = 16
_COMMON_TERMS = (
    (
        "Data linkage",
        "only a group’s survey means with its scores, where its consent names surveys; nothing of a"
        " person",
    ),
    ("Predictive analytics", "yes: a forecast of regional lines, of no person"),
    ("Artificial intelligence", "yes: small language models that remove names and score words"),
    ("Automated decision-making", "no"),
    (
        "Profiling",
        "each person’s day is scored in memory, to be summed at once; no result about a person is"
        " kept or shown",
    ),
)


def register_index(facts: PageFacts) -> Record:
    """The index of a release."""
    history = facts.reviewed.history
    phases = _spans([one for one in history if one.what == "phase"])
    names = sorted({one.what for one in history if one.what != "phase"})
    models = [
        span for name in names for span in _spans([one for one in history if one.what == name])
    ]
    methods = [
        {"version": one.version_after, "since": one.day.isoformat()}
        for one in sorted(facts.breaks, key=lambda one: one.day)
    ]
    records = [{"page": page, "data": data} for page, data in RECORDS.items()]
    return Record(
        title="Register of algorithms, phases and records",
        content={
            "standard": STANDARD,
            "organisation": of_page(facts, "controller"),
            "systems": [
                {
                    "name": NAME,
                    "phase": said(facts, "phase"),
                    "record": RECORDS["algorithm.html"],
                    "phases": phases,
                    "models": models,
                    "method_changes": methods,
                    "ends": said(facts, "ends"),
                }
            ],
            "common_terms": dict(_COMMON_TERMS),
            "records": records,
        },
        parts=[
            Part(
                name="system",
                heading="The system and its phases",
                words=[
                    "A system, model or phase that was left or replaced stays in these tables."
                    " The phases are those of the recording standard, as the study register names"
                    " them."
                ],
                terms=[("How and when the study ends", said(facts, "ends"))],
                table=Table(
                    caption="Phases, one a row",
                    columns=["Phase", "Recorded", "Until"],
                    rows=[[one["is"], one["since"], one["until"]] for one in phases],
                ),
            ),
            Part(
                name="models",
                heading="Models, also those no longer in use",
                table=Table(
                    caption="Models, one a row",
                    columns=["Model", "Version", "SHA-256 begins with", "Since", "Until"],
                    rows=[
                        [
                            one["what"].replace("_", " "),
                            one["is"],
                            f"{one['sha256'][:SHOWN_OF_DIGEST]}…",
                            one["since"],
                            one["until"],
                        ]
                        for one in models
                    ],
                ),
            ),
            Part(
                name="methods",
                heading="Changes of method",
                points=[
                    f"From {one['since']} on values are made by the method {one['version']}."
                    for one in methods
                ]
                or ["None was announced."],
            ),
            Part(name="terms", heading="In common terms", terms=_COMMON_TERMS),
        ],
    )


def _spans(history: Sequence[Since]) -> list[dict[str, Any]]:
    """Each entry with the day of the next one as its end."""
    ends = [*(one.since for one in history[1:]), NOW]
    return [
        {
            "what": one.what,
            "is": one.is_now,
            "sha256": one.sha256,
            "since": one.since,
            "until": end,
        }
        for one, end in zip(history, ends, strict=False)
    ]
