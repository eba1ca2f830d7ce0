"""Presidio, with the United Kingdom's recognisers and the project's own, over one message."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from assets.restricted.scrubbing.recognisers import KINDS, SHAPES, Asked, own_recognisers
from assets.restricted.scrubbing.recognisers.numbers import NUMBER_WORDS
from assets.restricted.scrubbing.recognisers.shapes import words_of
from assets.restricted.scrubbing.words import TokenizedMessage

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine, EntityRecognizer

_LANGUAGE = "en"
_DIGIT = re.compile(r"\d")
_SIGN = re.compile(r"[@#:/\\=\u2066-\u2068]|\.[^\W_]|www\.")
_SIX_DIGITS = re.compile(r"(?:\d\D*+){6}")
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

_OF_SIGNS = ("EMAIL_ADDRESS", "URL")
_OF_SIX_DIGITS = ("PHONE_NUMBER", "UK_NHS", "UK_NINO", "UK_PASSPORT", "UK_DRIVING_LICENCE",
                  "CREDIT_CARD")  # fmt: skip
_OF_DIGITS = tuple(set(_PRESIDIO_KINDS) - set(_OF_SIGNS) - set(_OF_SIX_DIGITS))


class Patterns:
    """Removes every word that a pattern touches.

    No threshold: Presidio gives a postcode 0.1. Nor do its checksums and lists of top-level
    domains decide: a mistyped NHS number is a person's all the same. Every recogniser is
    self-contained, so no language pipeline runs; none is downloaded or loaded.

    Most messages hold no digit, sign or word without which nothing matches, and aren't looked at.
    """

    name = "patterns"

    def __init__(self) -> None:
        self._engine = _engine([*_presidio_recognisers(), *own_recognisers()])
        self._artifacts = self._engine.nlp_engine.process_text("", _LANGUAGE)

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        """Indices of what overlaps a span that any recogniser finds, each with its kind.

        Punctuation between two words of a span goes with them; at its ends it stays, because it
        is the sentence's. A word of several spans has the kind that comes first in `KINDS`.
        """
        entities = _entities(message.text)
        if not entities:
            return {}
        starts = [token.start for token in message.tokens]
        removed: dict[int, str] = {}
        for found in self._engine.analyze(
            message.text,
            _LANGUAGE,
            entities=entities,
            score_threshold=0,
            nlp_artifacts=self._artifacts,
        ):
            kind = _KIND[found.entity_type]
            for i in _touched(message, starts, found.start, found.end):
                if i not in removed or _RANK[kind] < _RANK[removed[i]]:
                    removed[i] = kind
        return removed


def _touched(message: TokenizedMessage, starts: list[int], start: int, end: int) -> list[int]:
    first = max(bisect_right(starts, start) - 1, 0)
    touched = [i for i in range(first, bisect_left(starts, end)) if message.tokens[i].end > start]
    while touched and message.tokens[touched[-1]].is_mark:
        touched.pop()
    while touched and message.tokens[touched[0]].is_mark:
        touched.pop(0)
    return touched


def _asked(asked: Asked) -> tuple[str, ...]:
    return tuple(entity for entity, shapes in SHAPES.items() if shapes.asked is asked)


_WITH_NUMBER = _asked(Asked.NUMBER)
_WITH_DIGIT = (*_WITH_NUMBER, *_asked(Asked.DIGIT), *_OF_DIGITS)
_WITH_SIGN = (*_asked(Asked.SIGN), *_OF_SIGNS)
_WITH_WORDS = {entity: SHAPES[entity].words for entity in _asked(Asked.WORDS)}


def _entities(text: str) -> list[str]:
    """What a text could hold, so far as its words, digits and signs tell."""
    words = words_of(text)
    entities = [entity for entity, own in _WITH_WORDS.items() if not own.isdisjoint(words)]
    if _DIGIT.search(text):
        entities += _WITH_DIGIT
        if _SIX_DIGITS.search(text) and not _TOO_MANY_DIGITS.search(text):
            entities += _OF_SIX_DIGITS
    elif not NUMBER_WORDS.isdisjoint(words):
        entities += _WITH_NUMBER
    if _SIGN.search(text):
        entities += _WITH_SIGN
    return entities


def _presidio_recognisers() -> "list[EntityRecognizer]":
    from presidio_analyzer import predefined_recognizers as presidio  # noqa: PLC0415

    recognisers: list[EntityRecognizer] = [
        presidio.NhsRecognizer(),
        presidio.UkNinoRecognizer(),
        presidio.UkPostcodeRecognizer(),
        # The older forms take ordinary words along ("M25 not", "but 60p"); see identifiers.py.
        presidio.UkVehicleRegistrationRecognizer(
            patterns=presidio.UkVehicleRegistrationRecognizer.PATTERNS[:1]
        ),
        presidio.UkPassportRecognizer(),
        presidio.UkDrivingLicenceRecognizer(),
        # Leniency 0, for the default misses whole ranges, such as Ofcom's 07700 900xxx.
        presidio.PhoneRecognizer(supported_regions=("GB",), leniency=0),
        presidio.EmailRecognizer(),
        presidio.UrlRecognizer(),
        presidio.IpRecognizer(),
        presidio.IbanRecognizer(),
        presidio.CreditCardRecognizer(),
        presidio.DateRecognizer(),
    ]
    for recogniser in recognisers:
        # The e-mail check would also fetch a list of domains over the network.
        for check in ("validate_result", "invalidate_result"):
            if hasattr(recogniser, check):
                setattr(recogniser, check, _no_opinion)
    return recognisers


def _no_opinion(_: str) -> None:
    """Neither confirms nor vetoes a match."""


def _engine(recognisers: "Iterable[EntityRecognizer]") -> "AnalyzerEngine":
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry  # noqa: PLC0415
    from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer  # noqa: PLC0415
    from presidio_analyzer.nlp_engine import NoOpNlpEngine  # noqa: PLC0415

    return AnalyzerEngine(
        registry=RecognizerRegistry(recognizers=recognisers, supported_languages=[_LANGUAGE]),
        nlp_engine=NoOpNlpEngine([{"lang_code": _LANGUAGE, "model_name": "none"}]),
        supported_languages=[_LANGUAGE],
        # The base class leaves the scores alone; they decide nothing here.
        context_aware_enhancer=ContextAwareEnhancer(0, 0, 0, 0),
    )
