"""The usual way, to compare with: Presidio with a Flair recogniser, one message at a time."""

import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import tldextract.tldextract
from presidio_analyzer import (
    AnalyzerEngine,
    BatchAnalyzerEngine,
    EntityRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.nlp_engine import NlpArtifacts, NoOpNlpEngine

from assets.restricted.scrubbing.name_tagger.training import TAG, build_tagger
from assets.restricted.scrubbing.name_tagger.weights import WEIGHTS_FILE
from bench.scrubbing.whole_path import read_messages, timed
from resources.models.minilm import model_folder


class FlairRecogniser(EntityRecognizer):
    """Asks the project's tagger, through Flair, about one text."""

    def __init__(self) -> None:
        super().__init__(supported_entities=["PERSON", "LOCATION", "ORGANIZATION"])
        self._tagger = build_tagger(model_folder(), WEIGHTS_FILE)
        self._tagger.eval()

    def load(self) -> None:
        """Loaded in the constructor."""

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002  (Presidio's signature)
        nlp_artifacts: NlpArtifacts,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Spans that the tagger's likeliest label calls a name."""
        return self.analyze_many([text], 1)[0]

    def analyze_many(self, texts: Sequence[str], size: int) -> list[list[RecognizerResult]]:
        """As `analyze`, of many texts, in batches of this size."""
        from flair.data import Sentence  # noqa: PLC0415  (slow to import)

        sentences = [Sentence(text) for text in texts]
        self._tagger.predict(sentences, mini_batch_size=size, label_name=TAG)
        return [
            [
                RecognizerResult(
                    "PERSON", token.start_position, token.end_position, token.get_label(TAG).score
                )
                for token in sentence
                if token.get_label(TAG).value not in ("O", "MISC")
            ]
            for sentence in sentences
        ]


class OneByOne:
    """Presidio's own recognisers and the tagger, each message by itself."""

    def __init__(self) -> None:
        logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
        # Its e-mail check would try to fetch a list of domains, and wait for it.
        tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
        registry = RecognizerRegistry(supported_languages=["en"])
        registry.load_predefined_recognizers(languages=["en"])
        registry.remove_recognizer("SpacyRecognizer")
        self.flair = FlairRecogniser()
        registry.add_recognizer(self.flair)
        self._engine = AnalyzerEngine(
            registry=registry,
            nlp_engine=NoOpNlpEngine([{"lang_code": "en", "model_name": "none"}]),
            supported_languages=["en"],
        )

    def scrub(self, texts: Sequence[str]) -> list[str]:
        """Each text with what was found cut out."""
        return [_cut(text, self._engine.analyze(text, "en")) for text in texts]


def _cut(text: str, found: Sequence[RecognizerResult]) -> str:
    left = text
    for span in sorted(found, key=lambda one: -one.start):
        left = f"{left[: span.start]}_{left[span.end :]}"
    return left


class Batched:
    """The same by their batches: Presidio's batch engine without the tagger, and Flair's own.

    Args:
        size: messages of a batch.
    """

    def __init__(self, size: int) -> None:
        alone = OneByOne()
        self._flair = alone.flair
        alone._engine.registry.remove_recognizer(alone.flair.name)
        self._engine = BatchAnalyzerEngine(alone._engine)
        self._size = size

    def scrub(self, texts: Sequence[str]) -> list[str]:
        """Each text with what was found cut out."""
        patterns = self._engine.analyze_iterator(texts, "en", batch_size=self._size)
        names = self._flair.analyze_many(texts, self._size)
        return [
            _cut(text, [*own, *tagged])
            for text, own, tagged in zip(texts, patterns, names, strict=True)
        ]


class EncodedOneByOne:
    """The same, and a vector of what is left by sentence-transformers, each message by itself."""

    def __init__(self) -> None:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415  (imports torch)

        self._scrubber = OneByOne()
        self._encoder = SentenceTransformer(str(model_folder()), device="cpu")

    def run(self, texts: Sequence[str]) -> None:
        """Scrub and embed."""
        for text in texts:
            (left,) = self._scrubber.scrub([text])
            self._encoder.encode([left], show_progress_bar=False)


def main() -> None:
    """As `bench.scrubbing.whole_path`: set, folder of corpora, most messages."""
    texts = read_messages(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    way = EncodedOneByOne()
    way.run(texts[:5])
    print(json.dumps({"messages": len(texts)}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(timed(lambda: way.run(texts))), flush=True)


if __name__ == "__main__":
    main()
