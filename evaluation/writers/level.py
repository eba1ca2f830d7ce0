"""How far the line moves: with the share of people who show a construct, and with what is none.

Region-days of many people are made up from messages of left-out writers, each person's from one
writer, and their scores are taken as production takes them: by the mean over a person's messages
and the curve of a person-day, then over people. What is planted is a share of people; a control
changes what else they write.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from assets.restricted.scoring.construct_model.day_curves import messages_of_people
from assets.restricted.scoring.person_days import DayCurve

PEOPLE = 20_000
BEFORE, PLANTED = 0.10, 0.10
MOST_MESSAGES = 4
SEED = 15

TOPIC = 0.25
"""Share of people who write one message of a control's topic more: a tenth of all messages."""

PLANTED_BAR, CONTROL_BAR = 0.06, 0.02

LOUDER, QUIETER, MORE = "louder people", "quieter people", "more writing without construct"


@dataclass(frozen=True)
class Pool:
    """Scored messages that people are made up from.

    Attributes:
        scores: float array of shape (messages,), by models that had not learnt from the writer.
        shows: bool array of shape (messages,).
        writer: array of shape (messages,).
        controls: by control, scores of its messages.
        curves: by writer, of person-days, likewise by messages of others.
    """

    scores: np.ndarray = field(repr=False)
    shows: np.ndarray = field(repr=False)
    writer: np.ndarray = field(repr=False)
    controls: Mapping[str, np.ndarray] = field(repr=False)
    curves: Mapping[str, DayCurve] = field(repr=False)

    def of(self, writers: Collection[str]) -> "Pool":
        """Some writers' messages."""
        own = np.isin(self.writer, list(writers))
        return Pool(self.scores[own], self.shows[own], self.writer[own], self.controls, self.curves)


@dataclass(frozen=True)
class Move:
    """By how much the line moved.

    Attributes:
        change: what was changed.
        move: of the mean over people, in score units.
        bar: least for what was planted, most (either way) for a control.
        reached: whether it holds.
    """

    change: str
    move: float
    bar: float
    reached: bool


def moves(pool: Pool, *, people: int = PEOPLE, seed: int = SEED) -> list[Move]:
    """What was planted, then the controls.

    Args:
        pool: messages of at least one writer with both kinds.
        people: drawn, the same ones before and after each change.
        seed: of the draws.
    """
    drawn = _Drawn(pool, people, seed)
    before = drawn.line(BEFORE)
    planted = {
        f"+{PLANTED:.2f} of people show it, in {part} of their messages": drawn.line(
            BEFORE + PLANTED, half=half
        )
        - drawn.line(BEFORE, half=half)
        for part, half in (("all", False), ("half", True))
    }
    told = [Move(one, move, PLANTED_BAR, move >= PLANTED_BAR) for one, move in planted.items()]
    one_more = drawn.line(BEFORE, more=1)
    # Beside one more message of any talk, for what one more message does is a control of its own.
    any_talk = drawn.line(BEFORE, more=1, by=TOPIC)
    others = {name: drawn.line(BEFORE, control=name, by=TOPIC) - any_talk for name in pool.controls}
    others[LOUDER] = drawn.line(BEFORE, times=3) - before
    others[QUIETER] = drawn.line(BEFORE, times=0) - before
    others[MORE] = one_more - before
    return told + [
        Move(change, move, CONTROL_BAR, abs(move) <= CONTROL_BAR) for change, move in others.items()
    ]


def ends(pool: Pool, *, people: int = PEOPLE, seed: int = SEED) -> tuple[float, float]:
    """The line where nobody shows it, and where everybody does in all messages.

    In between it is as far along as the share of people who do.
    """
    drawn = _Drawn(pool, people, seed)
    return drawn.line(0.0), drawn.line(1.0)


class _Drawn:
    """People with all chance drawn once, so that a change changes nothing else."""

    def __init__(self, pool: Pool, people: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._pool = pool
        self._count = rng.integers(1, MOST_MESSAGES + 1, size=people)
        self._rank = rng.random(people)
        self._chosen = rng.random(people)
        most = 3 * MOST_MESSAGES + 1
        self._whose, self._showing, self._others = messages_of_people(
            rng, pool.scores, pool.shows, pool.writer, (people, most)
        )
        self._control = {
            name: scores[rng.integers(len(scores), size=people)]
            for name, scores in pool.controls.items()
        }

    def _of_days(self, means: np.ndarray, messages: np.ndarray) -> np.ndarray:
        scores = np.empty(len(means))
        for name in np.unique(self._whose):
            rows = self._whose == name
            scores[rows] = self._pool.curves[name].score(means[rows], messages[rows])
        return scores

    def line(
        self,
        share: float,
        *,
        half: bool = False,
        control: str | None = None,
        times: int = 1,
        more: int = 0,
        by: float = 1.0,
    ) -> float:
        """The mean over people.

        Args:
            share: of people who show it.
            half: whether they do in every other message, from the first; otherwise in all.
            control: of which one message more is written.
            times: what everybody's number of messages is multiplied by; 0 for one message each.
            more: messages without the construct that are written besides.
            by: share of people who write what is more.
        """
        count = np.maximum(self._count * times, 1)
        place = np.arange(self._showing.shape[1])
        written = place < count[:, None]
        showing = (self._rank < share)[:, None] & (place % 2 == 0 if half else place >= 0)
        scores = np.where(showing, self._showing, self._others)
        total = (scores * written).sum(axis=1)
        who = self._chosen < by
        if more:
            extra = self._others[:, ::-1][:, :more]
            total, count = total + who * extra.sum(axis=1), count + who * more
        if control is not None:
            total, count = total + who * self._control[control], count + who
        return float(self._of_days(total / count, count).mean())
