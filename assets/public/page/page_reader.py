"""Reads a page back as a reader's program would: what stands where, and nothing about how."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = {"meta", "link", "br", "path", "img", "input", "hr"}


@dataclass
class PanelRead:
    """What stands in one panel.

    Attributes:
        attributes: of its plot.
        paths: `d` of each path by its class; several of a class one after another.
        verdict: its sentence.
        notes: its sentences below.
        summary: what is told of its latest value before the notes are opened.
    """

    attributes: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    verdict: str = ""
    notes: list[str] = field(default_factory=list)
    summary: str = ""


@dataclass
class PageRead:
    """What stands on a page.

    Attributes:
        ids: how often each id is there.
        headings: text of each heading.
        sections: text of each section by the id that labels it; "" for what stands in none.
        panels: by id.
        tables: rows of cells by kind and construct, headings among them.
        addresses: all that `href`, `src` and `action` point to.
        policy: the content security policy.
        scripts: text of each script.
    """

    ids: Counter[str] = field(default_factory=Counter)
    headings: list[str] = field(default_factory=list)
    sections: dict[str, str] = field(default_factory=dict)
    panels: dict[str, PanelRead] = field(default_factory=dict)
    tables: dict[tuple[str, str], list[list[str]]] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    policy: str = ""
    scripts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text."""
        return " ".join(self.sections.values())


def read_page(page: str) -> PageRead:
    """Read a page.

    Args:
        page: HTML as `render_page` makes it, or what became of it.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    found = reader.found
    found.sections = {name: " ".join(text.split()) for name, text in found.sections.items()}
    found.headings = [" ".join(one.split()) for one in found.headings]
    for panel in found.panels.values():
        panel.verdict = " ".join(panel.verdict.split())
        panel.notes = [" ".join(one.split()) for one in panel.notes]
    return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found = PageRead()
        self._open: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        self.found.addresses += [own[name] for name in ("href", "src", "action") if name in own]
        if "id" in own:
            self.found.ids[own["id"]] += 1
        if own.get("http-equiv") == "Content-Security-Policy":
            self.found.policy = own["content"]
        if tag not in _EMPTY:
            self._open.append((tag, own))
        self._begin(tag, own)

    def _begin(self, tag: str, own: dict[str, str]) -> None:
        if tag in {"h1", "h2", "h3", "h4"}:
            self.found.headings.append("")
        elif tag == "script":
            self.found.scripts.append("")
        elif "data-panel" in own:
            self._panel(own["data-panel"]).attributes = own
        elif tag == "path" and (inside := self._inside("data-panel")):
            paths = self._panel(inside).paths
            kind = own.get("class", "")
            paths[kind] = paths.get(kind, "") + own.get("d", "")
        elif tag == "p" and (inside := self._inside("data-notes")):
            self._panel(inside).notes.append("")
        elif tag == "tr" and (rows := self._rows()) is not None:
            rows.append([])
        elif tag in {"td", "th"}:
            if rows := self._rows():
                rows[-1].append("")
            label = self._inside("aria-labelledby", only="section")
            self.found.sections[label] = self.found.sections.get(label, "") + " "

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in [name for name, _ in self._open]:
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._open]
        if "style" in tags:
            return
        if "script" in tags:
            self.found.scripts[-1] += data
            return
        label = self._inside("aria-labelledby", only="section")
        self.found.sections[label] = self.found.sections.get(label, "") + data
        if any(tag in {"h1", "h2", "h3", "h4"} for tag in tags):
            self.found.headings[-1] += data
        if inside := self._inside("data-verdict"):
            self._panel(inside).verdict += data
        if inside := self._inside("data-summary"):
            self._panel(inside).summary += data
        if "p" in tags and (inside := self._inside("data-notes")):
            self._panel(inside).notes[-1] += data
        if ("td" in tags or "th" in tags) and (rows := self._rows()):
            rows[-1][-1] += data

    def _inside(self, name: str, only: str | None = None) -> str:
        return next(
            (own[name] for tag, own in reversed(self._open) if name in own and only in {None, tag}),
            "",
        )

    def _panel(self, name: str) -> PanelRead:
        return self.found.panels.setdefault(name, PanelRead())

    def _rows(self) -> list[list[str]] | None:
        kind, construct = self._inside("data-table"), self._inside("data-construct")
        return self.found.tables.setdefault((kind, construct), []) if kind else None
