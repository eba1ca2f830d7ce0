"""Which part of the whole path takes how much of it."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from assets.restricted.scrubbing import group_day, scrubber
from assets.restricted.scrubbing.name_tagger.layer import NameLayer
from bench.scrubbing.whole_path import WholePath


def shares_of(texts: Sequence[str]) -> tuple[float, dict[str, float]]:
    """Run the texts through the whole path once, warm.

    Returns:
        CPU-milliseconds a message, and each part's share in [0, 1], largest first; `other` is
        what no part took.
    """
    path = WholePath()
    groups = path.groups(texts)
    path.run(groups[0])
    took: Counter[str] = Counter()
    _time_parts(path, took)
    start = time.process_time()
    for messages in groups:
        path.run(messages)
    whole = time.process_time() - start
    # The tagger's layer is timed with the tagger in it.
    took["odds of tokens"] -= took["tagger"]
    took["other"] = whole - took.total()
    return whole / len(texts) * 1e3, {part: cpu / whole for part, cpu in took.most_common()}


def _time_parts(path: WholePath, took: Counter[str]) -> None:
    def timed(part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            start = time.process_time()
            try:
                return work(*given, **named)
            finally:
                took[part] += time.process_time() - start

        return run

    layers = path.scrubber._layers
    detector = path.scrubber._detector
    for layer in layers:
        layer.removes = timed(layer.name, layer.removes)
    path.scrubber._detector = _Detector(timed("second detector", type(detector).removes), detector)
    (names,) = (layer for layer in layers if isinstance(layer, NameLayer))
    names._tagger.probabilities = timed("tagger", names._tagger.probabilities)
    names.read = timed("odds of tokens", names.read)
    path.encoder.encode = timed("encoder", path.encoder.encode)
    path.model.__class__.score = timed("scores", path.model.__class__.score)
    read = scrubber.TokenizedMessage.read
    scrubber.TokenizedMessage.read = timed("cutting into tokens", read)
    for module, name, part in (
        (group_day, "coarse_language", "language"),
        (group_day, "check_group_days", "gate"),
        (group_day, "words_to_embed", "words to embed"),
        (scrubber, "is_enough", "what is left"),
        (scrubber, "written", "what is left"),
    ):
        setattr(module, name, timed(part, getattr(module, name)))


class _Detector:
    """The second detector, timed apart from the first, which is the same object."""

    name = "second detector"

    def __init__(self, removes: Callable[..., Any], detector: Any) -> None:
        self._removes, self._detector = removes, detector

    def removes(self, message: Any) -> Any:
        return self._removes(self._detector, message)
