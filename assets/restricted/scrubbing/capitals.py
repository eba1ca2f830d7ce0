"""The capitals rule: inside a sentence a capital marks a name."""

from collections.abc import Iterable, Mapping

from assets.restricted.scrubbing.words import Token, TokenizedMessage

MOSTLY_CAPITALS = 0.5
"""Share of capital letters above which capitals mark shouting, not names."""

KEPT_CAPITALS = frozenset(
    {
        "I", "I'm", "I've", "I'll", "I'd", "OK", "CQC", "PPE", "NHS", "GP", "HR", "DBS",
        "CPR", "DNACPR", "DNAR", "MCA", "NVQ", "QCF", "TUPE", "SSP", "UTI", "TV", "COVID",
        "Covid", "HCA", "HCAS", "DOLS", "DoLS", "AM", "PM", "ASAP", "FYI", "TBH", "LOL",
        "OMG", "BTW",
    }
)  # fmt: skip
"""Written in capitals by everyone, and nobody's name; the vocabulary still has the last word."""

_SENTENCE_ENDS = frozenset(".?!")


class Capitals:
    """Removes capitalised words that do not begin a sentence or a line.

    A message that is mostly capitals says nothing by them, and is left to the other layers.
    """

    name = "capitals"
    judges_alone = True

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        """Indices of the words of `message` whose capital is not owed to their place."""
        if message.text.islower() or _is_shouted(message.tokens):
            return {}
        return {
            i: "capital"
            for i, token in enumerate(message.tokens)
            if token.is_word
            and token.written[0].isupper()
            and token.written not in KEPT_CAPITALS
            and not _begins_sentence(message, i)
        }


def _is_shouted(tokens: Iterable[Token]) -> bool:
    written = "".join([token.written for token in tokens if token.is_word])
    letters = sum(map(str.isalpha, written))
    # Such as Ⓐ are upper-case and no letters.
    capitals = sum(map(str.isupper, written if written.isascii() else filter(str.isalpha, written)))
    return capitals > MOSTLY_CAPITALS * letters


def _begins_sentence(message: TokenizedMessage, i: int) -> bool:
    if i == 0:
        return True
    before = message.tokens[i - 1]
    if before.is_mark:
        return before.written[-1] in _SENTENCE_ENDS
    return "\n" in message.text[before.end : message.tokens[i].start]
