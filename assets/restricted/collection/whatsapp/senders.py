"""Who sent an entry: the part before the first colon, if that is a person at all."""

from collections import Counter
from collections.abc import Sequence

from assets.restricted.collection.export import CountedKind, Detail
from assets.restricted.collection.whatsapp.bodies import (
    LEFT_TO_RIGHT,
    TELLING_ENDS,
    TELLING_FIRST_LINE_ENDS,
    TELLING_STARTS,
    WHOLE_OPENINGS,
    body_of,
)
from assets.restricted.collection.whatsapp.forms import Form, labels_instead_of_names
from assets.restricted.collection.whatsapp.header_candidates import INVISIBLE, SPACES
from assets.restricted.collection.whatsapp.notices import Notices
from assets.restricted.collection.whatsapp.templates import (
    ENCRYPTION,
    ENCRYPTION_OPENINGS,
    OPENING_LETTERS,
)
from assets.restricted.collection.whatsapp.web_bodies import SYSTEM_LEAD, web_body

LONGEST_NAME = 120
LINES_KEPT = 5
LONGEST_MARKER, MOST_MARKERS = 40, 1_000
OPENINGS = ENCRYPTION_OPENINGS | WHOLE_OPENINGS
# A cache's bound, not a limit on groups.
MOST_NAMES = 50_000

_EDGES = INVISIBLE + SPACES
_PAIRED_QUOTES = (("“", "”"), ("«", "»"))


class Senders(dict[str, str]):
    """Written senders as names without edge marks; `""` for what is no sender. Fills itself."""

    def __init__(self, notices: Notices, *, web: bool) -> None:
        super().__init__()
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
        self[written] = name
        return name


class Attribution:
    """Splits bodies into sender, kind and text; feeding it whole files keeps what it learned.

    Attributes:
        titles: senders of the encryption notice, which in a group is the group's title, and those
            given; what they send in no known wording is a notice.
        unexplained: other senders of such lines, each with its first few.
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
    ) -> None:
        self.titles: set[str] = set(titles)
        self.unexplained: dict[str, list[str]] = {}
        self.details: Counter[Detail] = Counter()
        self.notices = Notices()
        self.loose: set[str] = set()
        self.spaceless: set[str] = set()
        # Markers for left-out media are few and come often.
        self._plain_media: set[str] = set()
        self.labels = labels_instead_of_names(form)
        self._marked = marked
        self._web = form in ("web", "either")
        self._web_for_certain = form == "web"
        self._names = Senders(self.notices, web=self._web)
        self._known = known
        self._colon_names = colon_names

    def split(self, bodies: Sequence[str]) -> tuple[list[str], list[CountedKind], list[str]]:
        """Split bodies into senders, kinds and texts, each as long as `bodies`."""
        names, colon_names, marked = self._names, self._colon_names, self._marked
        plain_media, web = self._plain_media, self._web
        senders: list[str] = []
        kinds: list[CountedKind] = []
        texts: list[str] = []
        for body in bodies:
            written, colon, text = body.partition(": ")
            name = names[written] if colon else ""
            kind: CountedKind = "speech"
            if not name:
                name, kind, text = self._loosely(body)
            elif text in plain_media:
                kind = "media"
            elif (
                text[:1] in TELLING_STARTS
                or text[-1:] in TELLING_ENDS
                or ("\n" in text and text[text.find("\n") - 1] in TELLING_FIRST_LINE_ENDS)
                or text[:OPENING_LETTERS] in OPENINGS
                or "://" in text
                or (marked and LEFT_TO_RIGHT in body)
                or (colon_names and name in colon_names)
                or web
            ):
                name, kind, text = self._closely(name, text, body)
            senders.append(name)
            kinds.append(kind)
            texts.append(text)
        return senders, kinds, texts

    def _closely(self, name: str, text: str, whole: str) -> tuple[str, CountedKind, str]:
        if self._marked and whole.startswith(LEFT_TO_RIGHT):
            # A colon in what iOS itself writes; no sender is led by the mark.
            return "", "system", whole
        if name in self._colon_names:
            second, _, rest = text.partition(": ")
            name, text = f"{name}: {second}", rest
        body = (web_body(text, certain=self._web_for_certain) if self._web else None) or body_of(
            name, text, marked=self._marked, notices=self.notices
        )
        kind = body.kind
        if kind == "system" and ENCRYPTION.match(text):
            self.titles.add(name)
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
                lines = self.unexplained.setdefault(name, [])
                if len(lines) < LINES_KEPT:
                    lines.append(text)
        return name, kind, body.text

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
