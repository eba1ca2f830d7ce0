"""Presidio, with the United Kingdom's recognisers and the project's own, over one message."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from assets.restricted.scrubbing.recognisers import KINDS, SHAPES, Recogniser, own_recognisers
from assets.restricted.scrubbing.recognisers.alike import LONGEST, finder, is_alike
from assets.restricted.scrubbing.recognisers.asking import Asking
from assets.restricted.scrubbing.recognisers.presidio import presidio
from assets.restricted.scrubbing.recognisers.shapes import Asked, held
from assets.restricted.scrubbing.words import TokenizedMessage

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer
    from presidio_analyzer.nlp_engine import NlpArtifacts

_Finder = Callable[[str], list[tuple[int, int]]]
"""Gives the spans of a text: first character, one past the last."""

_SIX_DIGITS = re.compile(r"(?:\d\D*+){6}")
"""Fewer are no telephone number: a year would be counted as one."""

_TOO_MANY_DIGITS = re.compile(r"(?:\d\D*+){600}")
"""Nobody's message; the words with digits go all the same, and telephone numbers take long."""

_PRESIDIO_KINDS = {
    "PHONE_NUMBER": "phone",
    "EMAIL_ADDRESS": "email",
    "URL": "link",
    "IP_ADDRESS": "link",
    "UK_NHS": "identifier",
    "UK_NINO": "identifier",
    "UK_PASSPORT": "identifier",
    "UK_DRIVING_LICENCE": "identifier",
    "IBAN_CODE": "identifier",
    "CREDIT_CARD": "identifier",
    "UK_POSTCODE": "postcode",
    "UK_VEHICLE_REGISTRATION": "plate",
    "DATE_TIME": "date",
}
_KIND = {**_PRESIDIO_KINDS, **{entity: shapes.kind for entity, shapes in SHAPES.items()}}
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}

_TRIGGERS = {
    "PHONE_NUMBER": (Asked.DIGIT, held()),
    "EMAIL_ADDRESS": (Asked.SIGN, held(mark="@", outlines=("@",))),
    "URL": (Asked.SIGN, held(mark=r"\.[a-zA-Z]", outlines=(".a",))),
    "IP_ADDRESS": (
        Asked.SIGN,
        held(mark=r"::|:[0-9A-Fa-f]{1,4}:|\d\.\d{1,3}\.\d", outlines=("::", ":0", ":a", "0.0")),
    ),
    "UK_NHS": (Asked.DIGIT, held(mark=r"\d{3}[- ]?\d{3}[- ]?\d{4}", digits=10)),
    "UK_NINO": (Asked.DIGIT, held(mark=r"[a-zA-Z]{2} ?\d\d ?\d\d ?\d\d ?[a-dA-D]", digits=6)),
    "UK_PASSPORT": (Asked.DIGIT, held(mark=r"\d{7}", outlines=("0000000",))),
    "UK_DRIVING_LICENCE": (Asked.DIGIT, held(mark=r"\d{6}", outlines=("000000",))),
    "IBAN_CODE": (Asked.DIGIT, held(mark=r"[A-Z]{2}\d{2}", outlines=("aa00",))),
    "CREDIT_CARD": (Asked.DIGIT, held(mark=r"\d{4}[- ]?\d{3}", outlines=("0000",))),
    "UK_POSTCODE": (
        Asked.DIGIT,
        held(mark=r"\d[a-zA-Z]?\s?\d[a-zA-Z]{2}|0[aA]{2}", outlines=("0aa",)),
    ),
    "UK_VEHICLE_REGISTRATION": (Asked.DIGIT, held(mark=r"[a-zA-Z]{2}\d\d", outlines=("aa00",))),
    "DATE_TIME": (
        Asked.DIGIT,
        held(
            mark=r"\d/\d|\d-\d{1,2}-\d|\d\.\d{1,2}\.\d|\d-[a-zA-Z]{3}|[a-zA-Z]{3}-\d\d",
            outlines=("0/0", "0-0", "0.0", "0-a", "a-0"),
        ),
    ),
}
"""When to ask Presidio's own; see `Trigger`."""


class Patterns:
    """Removes every word that a pattern touches.

    No threshold: Presidio gives a postcode 0.1. Nor do its checksums and lists of top-level
    domains decide: a mistyped NHS number is a person's all the same. Every recogniser is
    self-contained, so no language pipeline runs; none is downloaded or loaded.

    Presidio's recognisers are asked without its engine, and each only about a text that holds what
    all its matches do: most texts hold nothing. The project's own regexes are searched with
    Python's library where that finds the same (`alike.py`).
    """

    name = "patterns"
    judges_alone = True

    def __init__(self) -> None:
        self._recognisers = (*_presidio_recognisers(), *own_recognisers())
        self._asking = Asking([(one.asked, one.trigger) for one in self._recognisers])
        self._made: dict[tuple[int, bool], _Finder] = {}
        presidio()

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        """Indices of what overlaps a span that any recogniser finds, each with its kind.

        Punctuation between two words of a span goes with them; at its ends it stays, because it
        is the sentence's. A word of several spans has the kind that comes first in `KINDS`.
        """
        text = message.text
        starts: list[int] = []
        removed: dict[int, str] = {}
        in_python = len(text) <= LONGEST and is_alike(text)
        for place in self._asking.places(text):
            entity = self._recognisers[place].entity
            if entity == "PHONE_NUMBER" and not _may_hold_telephone(text):
                continue
            for start, end in self._finder(place, in_python=in_python)(text):
                starts = starts or [token.start for token in message.tokens]
                kind = _KIND[entity]
                for i in _touched(message, starts, start, end):
                    if i not in removed or _RANK[kind] < _RANK[removed[i]]:
                        removed[i] = kind
        return removed

    def _finder(self, place: int, *, in_python: bool) -> _Finder:
        key = place, in_python
        if key not in self._made:
            one = self._recognisers[place]
            ours = finder(one.regex) if in_python and one.regex else None
            self._made[key] = ours or _asked(one)
        return self._made[key]


def _asked(one: Recogniser) -> _Finder:
    recogniser = one.make()
    # Only recognisers that stand on an engine look at what engines made of the text.
    artifacts = cast("NlpArtifacts", None)
    return lambda text: [
        (found.start, found.end)
        for found in recogniser.analyze(text, recogniser.supported_entities, artifacts)
    ]


def _may_hold_telephone(text: str) -> bool:
    return _SIX_DIGITS.search(text) is not None and not _TOO_MANY_DIGITS.search(text)


def _touched(message: TokenizedMessage, starts: list[int], start: int, end: int) -> list[int]:
    first = max(bisect_right(starts, start) - 1, 0)
    touched = [i for i in range(first, bisect_left(starts, end)) if message.tokens[i].end > start]
    while touched and message.tokens[touched[-1]].is_mark:
        touched.pop()
    while touched and message.tokens[touched[0]].is_mark:
        touched.pop(0)
    return touched


def _presidio_recognisers() -> Iterator[Recogniser]:
    for entity, (asked, trigger) in _TRIGGERS.items():
        yield Recogniser(entity, asked, trigger, partial(_made, entity))


def _made(entity: str) -> "EntityRecognizer":
    classes = presidio().predefined_recognizers
    uk_plate = classes.UkVehicleRegistrationRecognizer
    make: dict[str, Callable[[], EntityRecognizer]] = {
        "UK_NHS": classes.NhsRecognizer,
        "UK_NINO": classes.UkNinoRecognizer,
        "UK_POSTCODE": classes.UkPostcodeRecognizer,
        # The older forms take ordinary words along ("M25 not", "but 60p"); see identifiers.py.
        "UK_VEHICLE_REGISTRATION": lambda: uk_plate(patterns=uk_plate.PATTERNS[:1]),
        "UK_PASSPORT": classes.UkPassportRecognizer,
        "UK_DRIVING_LICENCE": classes.UkDrivingLicenceRecognizer,
        # Leniency 0, for the default misses whole ranges, such as Ofcom's 07700 900xxx.
        "PHONE_NUMBER": lambda: classes.PhoneRecognizer(supported_regions=("GB",), leniency=0),
        "EMAIL_ADDRESS": classes.EmailRecognizer,
        "URL": classes.UrlRecognizer,
        "IP_ADDRESS": classes.IpRecognizer,
        "IBAN_CODE": classes.IbanRecognizer,
        "CREDIT_CARD": classes.CreditCardRecognizer,
        "DATE_TIME": classes.DateRecognizer,
    }
    recogniser = make[entity]()
    # The e-mail check would also fetch a list of domains over the network.
    for check in ("validate_result", "invalidate_result"):
        if hasattr(recogniser, check):
            setattr(recogniser, check, _no_opinion)
    return recogniser


def _no_opinion(_: str) -> None:
    """Neither confirms nor vetoes a match."""
