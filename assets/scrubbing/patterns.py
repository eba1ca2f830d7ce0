"""Presidio, with the United Kingdom's recognisers and the project's own, over one message."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING

from assets.scrubbing.message import Message

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine, EntityRecognizer

_LANGUAGE = "en"
_DIGIT = re.compile(r"\d")
_LINK = re.compile(r"[@:/]|\.[^\W_]")
_LINK_KINDS = ("EMAIL_ADDRESS", "URL")


class Patterns:
    """Removes every word that a pattern touches.

    No threshold: Presidio gives a postcode 0.1. Nor do its checksums and lists of top-level
    domains decide: a mistyped NHS number is a person's all the same. Every recogniser is
    self-contained, so no language pipeline runs; none is downloaded or loaded.

    Presidio's own kinds but links and e-mails hold a digit in every form, so they are asked only
    about messages with one.
    """

    name = "patterns"

    def __init__(self) -> None:
        from assets.scrubbing.recognisers import PATTERNS, own_recognisers  # noqa: PLC0415

        recognisers = [*_presidio_recognisers(), *own_recognisers()]
        self._engine = _engine(recognisers)
        self._artifacts = self._engine.nlp_engine.process_text("", _LANGUAGE)
        self._always = list(PATTERNS)
        self._with_links = [*self._always, *_LINK_KINDS]
        self._all = [kind for each in recognisers for kind in each.supported_entities]

    def removes(self, message: Message) -> Iterable[int]:
        """Indices of what overlaps a span that any recogniser finds.

        Punctuation between two words of a span goes with them; at its ends it stays, because it
        is the sentence's.
        """
        starts = [token.start for token in message.tokens]
        removed: set[int] = set()
        for found in self._engine.analyze(
            message.text,
            _LANGUAGE,
            entities=self._kinds(message.text),
            score_threshold=0,
            nlp_artifacts=self._artifacts,
        ):
            first = max(bisect_right(starts, found.start) - 1, 0)
            touched = [
                i
                for i in range(first, bisect_left(starts, found.end))
                if message.tokens[i].end > found.start
            ]
            while touched and message.tokens[touched[-1]].is_mark:
                touched.pop()
            while touched and message.tokens[touched[0]].is_mark:
                touched.pop(0)
            removed.update(touched)
        return removed

    def _kinds(self, text: str) -> list[str]:
        if _DIGIT.search(text):
            return self._all
        return self._with_links if _LINK.search(text) else self._always


def _presidio_recognisers() -> "list[EntityRecognizer]":
    from presidio_analyzer import predefined_recognizers as presidio  # noqa: PLC0415

    recognisers: list[EntityRecognizer] = [
        presidio.NhsRecognizer(),
        presidio.UkNinoRecognizer(),
        presidio.UkPostcodeRecognizer(),
        presidio.UkVehicleRegistrationRecognizer(),
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
