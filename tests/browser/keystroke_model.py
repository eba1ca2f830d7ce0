"""A way through pages, walked in a browser, and the time that the keystroke-level model gives it.

It is an estimate by model for somebody who knows what to do and slips nowhere. Nobody was timed.

Card, Moran & Newell, "The keystroke-level model for user performance time with interactive
systems", CACM 23(7), 1980, and "The Psychology of Human-Computer Interaction", 1983. Touch screens
were measured to be quicker than its mouse and keys: Palin et al., MobileHCI 2019 (36.2 words a
minute on phones, 0.33 s a key), El Batran & Dunlop, MobileHCI 2014 (a swipe within 0.2 s), Lee et
al., Human Movement Science 44, 2015. So its slower figures are kept, and a swipe counts as
pointing. Reading: Brysbaert, Journal of Memory and Language 109, 2019 (most adults 175 to 300 words
a minute, silently; 238 on average).
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from math import floor
from typing import Any

from selenium.webdriver.common.by import By

WIDTH, HEIGHT = 320, 640
"""CSS pixels of a small phone."""

_A_SWIPE = 0.6
"""Of the screen's height: what stood at its end is still in view."""


class Operator(StrEnum):
    """What is counted."""

    LETTER = "key of a word"
    DIGIT = "key of a code or number"
    POINT = "finger to a target"
    TOUCH = "press"
    SWIPE = "swipe by six tenths of the screen"
    HOME = "hands to or from the keyboard"
    THINK = "mental preparation"
    WAIT = "the next page"
    WORD = "word read"


SECONDS: Mapping[Operator, float] = {
    Operator.LETTER: 0.50,  # 1980: K, typing random letters
    Operator.DIGIT: 0.75,  # 1980: K, typing complex codes
    Operator.POINT: 1.10,  # 1980: P
    Operator.TOUCH: 0.20,  # 1980: K, a button by an average skilled hand
    Operator.SWIPE: 1.10,  # as P
    Operator.HOME: 0.40,  # 1980: H
    Operator.THINK: 1.35,  # 1980: M
    Operator.WAIT: 3.00,  # 1980: R, which is the system's: assumed, a slow mobile network
    Operator.WORD: 60 / 238,  # 2019
}
SLOW_READER = 60 / 175
"""Seconds a word."""

_IN_VIEW = """
const box = arguments[0].getBoundingClientRect();
return box.top < 0 ? -1 : box.bottom > innerHeight ? 1 : 0;
"""
_WORDS = """
const [within, end, without] = arguments, walker = document.createTreeWalker(
    document.querySelector(within), NodeFilter.SHOW_TEXT);
let words = 0;
while (walker.nextNode()) {
  const text = walker.currentNode, around = text.parentElement;
  if (end && end.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING) break;
  if (!around.checkVisibility() || around.closest('select, template')) continue;
  if (without && around.closest(without)) continue;
  words += text.data.split(/\\s+/).filter(Boolean).length;
}
return words;
"""


class Walk:
    """Acts in a browser of a small phone, and counts what each act takes.

    Args:
        driver: of the browser; script is on.
    """

    def __init__(self, driver: Any) -> None:
        self.counts: Counter[Operator] = Counter()
        self._driver = driver
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": True},
        )

    def seconds(self, word: float = SECONDS[Operator.WORD]) -> float:
        """What the model makes of all that was counted.

        Args:
            word: seconds of one that is read; 0 for the time without reading.
        """
        took = {**SECONDS, Operator.WORD: word}
        return sum(took[one] * times for one, times in self.counts.items())

    def told(self) -> str:
        """Counts and seconds, a line each."""
        lines = [
            f"{one.value}: {times} x {SECONDS[one]:.2f} s = {SECONDS[one] * times:.1f} s"
            for one, times in sorted(self.counts.items())
        ]
        every = (self.seconds(0), self.seconds(), self.seconds(SLOW_READER))
        told = "without reading {:.0f} s, with it {:.0f} s, by a slow reader {:.0f} s"
        return "\n".join([*lines, told.format(*every)])

    def open(self, link: str) -> None:
        """Tap a link in a message, and wait for the page."""
        self._tapped()
        self._driver.get(link)
        self.counts[Operator.WAIT] += 1

    def tap(self, selector: str) -> Any:
        """Decide, go to it on the page, and tap it. Returns the element."""
        found = self._at(selector)
        self._tapped()
        found.click()
        return found

    def send(self, selector: str) -> None:
        """As `tap`, and wait for what comes of it."""
        self.tap(selector)
        self.counts[Operator.WAIT] += 1

    def type(self, selector: str, text: str, key: Operator) -> None:
        """Tap a field and type."""
        field = self.tap(selector)
        self.counts[Operator.HOME] += 2
        self.counts[key] += len(text)
        field.send_keys(text)

    def choose(self, selector: str, value: str) -> None:
        """Open a list, think again, and tap one of it."""
        self._at(selector)
        self._tapped()
        self.counts[Operator.THINK] += 1
        self._tapped()
        self._driver.find_element(By.CSS_SELECTOR, f"{selector} [value={value}]").click()

    def pick(self, selector: str, day: date, today: date) -> None:
        """Pick a day as on a phone: open, a tap for each month between, the day, and close."""
        field = self._at(selector)
        months = abs((day.year - today.year) * 12 + day.month - today.month)
        for _ in range(3 + months):
            self._tapped()
        # This browser has no such picker: it takes the day as it is typed.
        field.send_keys(day.strftime("%m%d%Y"))

    def read(
        self, within: str = "main", before: str | None = None, without: str | None = None
    ) -> None:
        """Read what the page shows.

        Args:
            within: selector of where.
            before: selector of where to stop; the page's end by default.
            without: selector of what is not read.
        """
        end = before and self._driver.find_element(By.CSS_SELECTOR, before)
        self.counts[Operator.WORD] += self._driver.execute_script(_WORDS, within, end, without)

    def _tapped(self) -> None:
        self.counts[Operator.POINT] += 1
        self.counts[Operator.TOUCH] += 1

    def _at(self, selector: str) -> Any:
        self.counts[Operator.THINK] += 1
        found = self._driver.find_element(By.CSS_SELECTOR, selector)
        while direction := self._driver.execute_script(_IN_VIEW, found):
            self.counts[Operator.SWIPE] += 1
            by = direction * floor(_A_SWIPE * HEIGHT)
            self._driver.execute_script("scrollBy({top: arguments[0], behavior: 'instant'})", by)
        return found
