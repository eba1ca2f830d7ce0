"""Who sent an entry: the part before the first colon, if that is a person at all."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeAlias

from assets.restricted.collection.export import CountedKind, Detail
from assets.restricted.collection.whatsapp.bodies import (
    LEADING_MARKS,
    TELLING_ENDS,
    TELLING_FIRST_LINE_ENDS,
    TELLING_STARTS,
    WHOLE_OPENINGS,
    Body,
    body_of,
    opens_with,
)
from assets.restricted.collection.whatsapp.forms import Form, labels_instead_of_names
from assets.restricted.collection.whatsapp.header_candidates import INVISIBLE, SPACES
from assets.restricted.collection.whatsapp.notices import Notices
from assets.restricted.collection.whatsapp.stems import LONGEST_NOTE, FirstWords
from assets.restricted.collection.whatsapp.templates import (
    ENCRYPTION_OPENINGS,
    OPENING_LETTERS,
    is_encryption,
    is_known_encryption,
)
from assets.restricted.collection.whatsapp.web_bodies import SYSTEM_LEAD, web_body

LONGEST_NAME = 120
LINES_KEPT = 5
LONGEST_MARKER, MOST_MARKERS = 40, 1_000
OPENINGS = ENCRYPTION_OPENINGS | WHOLE_OPENINGS
OPENING_WORDS = frozenset(one.partition(" ")[0] for one in OPENINGS)
LONGEST_TELLING = 24
# A cache's bound, not a limit on groups.
MOST_NAMES = 50_000

LEFT, RIGHT = LEADING_MARKS

Split: TypeAlias = tuple[list[str], list[CountedKind], list[str]]
"""Senders, kinds and texts of as many entries."""
State: TypeAlias = tuple[Any, ...]
"""What one pass has learned up to a place of the file, in plain values; see `bookmarks`."""

_EDGES = INVISIBLE + SPACES
_PAIRED_QUOTES = (("“", "”"), ("«", "»"))


class Senders(dict[str, str]):
    """Written senders as names without edge marks; `""` for what is no sender. Fills itself."""

    def __init__(self, notices: Notices, *, web: bool, phrases: frozenset[str]) -> None:
        super().__init__()
        self._phrases = phrases
        self._notices = notices
        self._web = web

    def __missing__(self, written: str) -> str:
        if len(written) > LONGEST_NAME or "\n" in written or _inside_quotes(written):
            return ""
        if self._web and written.startswith(SYSTEM_LEAD):
            return ""
        if len(self) >= MOST_NAMES:
            self.clear()
        name = "" if self._notices.open_with(written) else written.strip(_EDGES)
        if name in self._phrases:
            name = ""
        self[written] = name
        return name


class TellingWords(dict[str, bool]):
    """Whether a body may be of WhatsApp that begins with this word. Fills itself.

    A word is what stands before the first space, of `LONGEST_TELLING` characters at most.
    """

    def __init__(self, first_words: FirstWords) -> None:
        super().__init__()
        self._first_words = first_words

    def __missing__(self, written: str) -> bool:
        if len(self) >= MOST_NAMES:
            self.clear()
        found = (
            # What may be longer, or begins with a space, is looked at whole.
            len(written) in (0, LONGEST_TELLING)
            or written[:1] in TELLING_STARTS
            or written[:OPENING_LETTERS] in OPENING_WORDS
            or self._first_words[written]
        )
        self[written] = found
        return found


class Attribution:
    """Splits bodies into sender, kind and text; feeding it whole files keeps what it learned.

    Attributes:
        titles: senders of the encryption notice, which in a group is the group's title, and those
            given; what they send in no known wording is a notice.
        unexplained: other senders of such lines, each with its first few.
        unexplained_lines: how many such lines there are.
        listed: what WhatsApp wrote in place of messages in listed wordings, each once.
        unlisted: what it wrote so that was told by single words or its form alone, each once.
        of_form: those of WhatsApp's words in no listed wording that their form alone told, in lines
            that people might have typed, each once, but for markers of edited messages; kept where
            no line is led by a mark.
        edited_of_form: how many messages each such marker told to be edited.
        begins_listed: whether a notice of encryption in a listed wording was there.
        named_twice: typed as it seems, yet their sender's name opens them, where no line is led by
            a mark.
        details: counts of what the report counts apart.
        notices: recognises this file's notices.
        loose: names in the forms without a space after the colon, unless they are known.
        spaceless: those that text follows directly.
        labels: what stands in this form where a sender's or another's name is not shown.
    """

    def __init__(
        self,
        *,
        marked: bool,
        form: Form = "phone",
        known: frozenset[str] = frozenset(),
        colon_names: frozenset[str] = frozenset(),
        titles: frozenset[str] = frozenset(),
        phrases: frozenset[str] = frozenset(),
    ) -> None:
        self.titles: set[str] = set(titles)
        self.unexplained: dict[str, list[str]] = {}
        self.unexplained_lines = 0
        self.listed: set[str] = set()
        self.unlisted: set[str] = set()
        self.of_form: set[str] = set()
        self.edited_of_form: Counter[str] = Counter()
        self.begins_listed = False
        self.named_twice = 0
        self.details: Counter[Detail] = Counter()
        self.notices = Notices()
        self.loose: set[str] = set()
        self.spaceless: set[str] = set()
        # Markers for left-out media are few and come often.
        self._plain_media: set[str] = set()
        self._first_words = FirstWords()
        self._telling = TellingWords(self._first_words)
        self._begun = False
        self._opened_unlisted = False
        # Whether this file leads what WhatsApp writes with a mark.
        self._led = False
        self.labels = labels_instead_of_names(form)
        self._marked = marked
        self._web = form in ("web", "either")
        self._web_for_certain = form == "web"
        self._names = Senders(self.notices, web=self._web, phrases=phrases)
        self._known = known
        self._colon_names = colon_names

    def state(self) -> State:
        """All that it has learned."""
        return (
            set(self.titles),
            {name: list(lines) for name, lines in self.unexplained.items()},
            self.unexplained_lines,
            dict(self.details),
            self.notices.language,
            set(self.loose),
            set(self.spaceless),
            set(self._plain_media),
            self._led,
            set(self.listed),
            set(self.unlisted),
            set(self.of_form),
            dict(self.edited_of_form),
            self.named_twice,
            self._opened_unlisted,
            self.begins_listed,
        )

    def restore(self, state: State) -> None:
        """Know what another of the same plan had learned."""
        titles, unexplained, self.unexplained_lines, details = state[:4]
        self.notices.language, loose, spaceless, media, self._led = state[4:9]
        listed, unlisted, of_form, edited_of_form = state[9:13]
        self.named_twice, self._opened_unlisted, self.begins_listed = state[13:]
        self.edited_of_form = Counter(edited_of_form)
        self.listed, self.unlisted, self.of_form = set(listed), set(unlisted), set(of_form)
        # The set itself, for those it was given to look at it.
        self.titles |= set(titles)
        self.unexplained = {name: list(lines) for name, lines in unexplained.items()}
        self.details = Counter(details)
        self.loose, self.spaceless, self._plain_media = set(loose), set(spaceless), set(media)
        self._begun = True

    @property
    def opens_unlisted(self) -> bool:
        """Whether it begins with a notice of encryption in no listed wording, and no mark leads."""
        return self._opened_unlisted and not self._led

    @property
    def unled(self) -> bool:
        """Whether no line is led by a mark, so that words alone tell what WhatsApp wrote."""
        return not self._led

    @property
    def learned(self) -> State:
        """What of it decides how an entry is split."""
        return len(self.titles), self.notices.language, self._led

    def split(self, bodies: Sequence[str]) -> Split:
        """Split bodies into senders, kinds and texts, each as long as `bodies`."""
        names, colon_names = self._names, self._colon_names
        plain_media, web = self._plain_media, self._web
        telling, first_words, titles = self._telling, self._first_words, self.titles
        joined = "".join(bodies) if self._marked else ""
        left, right = LEFT in joined, RIGHT in joined
        self._led = self._led or f": {LEFT}" in joined or f": {RIGHT}" in joined
        links = not self._marked or "://" in joined
        unled = self._marked and not self._led
        careful = unled or web or bool(colon_names)
        opening = None if self._begun or not bodies else self._opening_of(bodies[0])
        senders: list[str] = []
        kinds: list[CountedKind] = []
        texts: list[str] = []
        for body in bodies:
            written, colon, text = body.partition(": ")
            name = names[written] if colon else ""
            kind: CountedKind = "speech"
            if not name:
                name, kind, text = self._loosely(body)
            elif len(text) <= LONGEST_MARKER and text in plain_media:
                kind = "media"
            elif (
                text[-1:] in TELLING_ENDS
                or ("\n" in text and text[text.find("\n") - 1] in TELLING_FIRST_LINE_ENDS)
                or (links and "://" in text)
                or (left and LEFT in body)
                or (right and RIGHT in body)
                or (
                    telling[text[:LONGEST_TELLING].partition(" ")[0]]
                    and (
                        text[:1] in TELLING_STARTS
                        or text[:OPENING_LETTERS] in OPENINGS
                        or (len(text) <= LONGEST_NOTE and first_words[text.partition(" ")[0]])
                    )
                )
                or (
                    careful
                    and (
                        web
                        or (unled and (name in titles or text.startswith(name)))
                        or name in colon_names
                    )
                )
            ):
                name, kind, text = self._closely(name, text, body)
            senders.append(name)
            kinds.append(kind)
            texts.append(text)
        if opening is not None:
            senders[0], kinds[0], texts[0] = opening
        return senders, kinds, texts

    def _closely(self, name: str, text: str, whole: str) -> tuple[str, CountedKind, str]:
        if self._marked and whole.startswith(tuple(LEADING_MARKS)):
            # A colon in what iOS itself writes; no sender is led by the mark.
            return "", "system", whole
        if name in self._colon_names:
            second, _, rest = text.partition(": ")
            name, text = f"{name}: {second}", rest
        body = (web_body(text, certain=self._web_for_certain) if self._web else None) or body_of(
            name, text, marked=self._marked, notices=self.notices
        )
        kind = body.kind
        if kind == "system" and is_encryption(text):
            self.titles.add(name)
            self.begins_listed = self.begins_listed or is_known_encryption(text)
        if kind == "speech" and self._marked and name in self.titles:
            # Where no line has a mark, what a group's title says is known by its words alone.
            kind = "system" if self.notices.recognise(text) else kind
        if kind == "speech" and self._marked and not self._led:
            self.named_twice += opens_with(text, name)
        if body.listed or body.unlisted or body.of_form:
            self._note_words(body)
        if body.detail:
            self.details[body.detail] += 1
        elif (
            kind == "media"
            and not (body.unknown or self._colon_names)
            and len(text) <= LONGEST_MARKER
            and len(self._plain_media) < MOST_MARKERS
        ):
            self._plain_media.add(text)
        if body.unknown:
            if name in self.titles:
                kind = "system"
            else:
                self.unexplained_lines += 1
                lines = self.unexplained.setdefault(name, [])
                if len(lines) < LINES_KEPT:
                    lines.append(text)
        return name, kind, body.text

    def _note_words(self, body: Body) -> None:
        of_form = body.of_form if self._marked and not self._led else ""
        if of_form and body.kind == "edited":
            # How often one of them comes says how sure it is.
            if of_form in self.edited_of_form or len(self.edited_of_form) < MOST_MARKERS:
                self.edited_of_form[of_form] += 1
            of_form = ""
        for words, known in (
            (body.listed, self.listed),
            (body.unlisted, self.unlisted),
            (of_form, self.of_form),
        ):
            if words and len(known) < MOST_MARKERS:
                known.add(words)

    def _opening_of(self, body: str) -> tuple[str, CountedKind, str] | None:
        """A file's first entry split, if it is a notice of encryption in no known wording."""
        self._begun = True
        written, colon, text = body.partition(": ")
        name = self._names[written] if colon else ""
        bare = text.lstrip(LEADING_MARKS)
        if not name or is_known_encryption(bare) or not is_encryption(bare):
            return None
        self.titles.add(name)
        self._opened_unlisted = self._marked
        return name, "system", text

    def _loosely(self, body: str) -> tuple[str, CountedKind, str]:
        line, end, rest = body.partition("\n")
        written, colon, text = line.partition(":")
        name = self._names[written] if colon else ""
        if not name or text.startswith("//"):
            return "", "system", body.removeprefix(SYSTEM_LEAD) if self._web else body
        text = text.strip(" ") if not end else text
        if text == "." and not end:
            return "", "expired", ""
        if name not in self._known:
            self.loose.add(name)
            if text:
                self.spaceless.add(name)
            return "", "system", body
        if not text and not end:
            return name, "media", ""
        return self._closely(name, text.lstrip(" ") + end + rest, body)


def colon_names(senders: Sequence[str], texts: Sequence[str]) -> frozenset[str]:
    """Find first halves of names that hold a colon.

    Every message must open with the same second colon, and something no typed text shows must
    speak for a name: a notice that holds the whole name, or `?:` or `!:`.

    Args:
        senders: names, `""` for notices.
        texts: as long as `senders`; a notice whole.
    """
    seconds: dict[str, set[str]] = {}
    for name, text in zip(senders, texts, strict=True):
        if name and len(seconds.get(name, ())) <= 1:
            second, colon, _ = text.partition(": ")
            plain = colon and "\n" not in second and len(second) <= LONGEST_NAME
            seconds.setdefault(name, set()).add(second if plain else "")
    notices = [text for name, text in zip(senders, texts, strict=True) if not name]
    return frozenset(
        name
        for name, found in seconds.items()
        if len(found) == 1 and _speaks_for_name(name, next(iter(found)), notices)
    )


def _speaks_for_name(name: str, second: str, notices: Sequence[str]) -> bool:
    if not second:
        return False
    return second[-1] in "?!" or any(f"{name}: {second}" in notice for notice in notices)


def _inside_quotes(written: str) -> bool:
    # "X changed the subject from "Rota: late" …": the colon lies in a title.
    return written.count('"') % 2 == 1 or any(
        written.count(opening) > written.count(closing) for opening, closing in _PAIRED_QUOTES
    )
