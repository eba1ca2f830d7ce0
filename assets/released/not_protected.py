"""What the public can see that noise does not protect, each with its reason.

Everything else that is public is a function of noisy draws and public constants.
"""

from typing import NamedTuple


class NotProtected(NamedTuple):
    """One thing that is public and not protected by noise."""

    what: str
    why: str


NOT_PROTECTED_BY_NOISE = (
    NotProtected(
        "That a region and day has a value or none",
        "Whether 5 groups wrote, and none of them too much, is tested on exact numbers: a test by"
        " noise would now and then let a day through that rests on too few groups.",
    ),
    NotProtected(
        "Whether a group’s day counts at all",
        "A group’s day counts from 3 people and 5 messages on. Where a person’s messages tip"
        " that, others’ come or go with them, and the noise is sized for one person.",
    ),
    NotProtected(
        "A group’s own mean over a long time",
        "The noise is sized for one person on one day. Who knows how many of a group wrote on each"
        " day, or what the region was before it left and after, can average the noise out over"
        " weeks.",
    ),
    NotProtected(
        "That a week shows its pooled value only",
        "It tells that a group left, or that one or two joined, in that week; it is what keeps"
        " their values from being told from the change.",
    ),
    NotProtected(
        "Which regions take part, and since when",
        "The study says so itself; a region’s first value tells that at least 5 groups are in.",
    ),
    NotProtected(
        "The moment at which a region and day was closed",
        "It follows from the daily routine. Up to a week’s delay tells that a fault of the program"
        " keeps something from being read; not whose it is, and not of how many groups.",
    ),
    NotProtected(
        "What others wrote about a person, and how a person’s presence changes how others’"
        " messages are cleaned",
        "The guarantee covers a person’s own messages of a day. Names are taken out before any"
        " message is scored, and a name known from the chat is taken out of all of them.",
    ),
    NotProtected(
        "How large the noise of a day is, and so that a new method is being tried",
        "Who can’t tell the noise from a change would read the line wrongly.",
    ),
    NotProtected(
        "How the scores were learnt and which version is in use",
        "The models were trained on public and made-up text, never on what groups wrote.",
    ),
    NotProtected(
        "Which program, models and study register released a day, and a locked digest of its"
        " groups",
        "Without them a value would have no evidence. They follow from what was installed and"
        " decided; the digest is of one size for any number of groups, and opens to an auditor.",
    ),
    NotProtected(
        "Whether a region’s line is a mean of 7 days or of four weeks",
        "The study chooses it by how many groups take part, which the choice hints at.",
    ),
    NotProtected(
        "That a group falls silent or writes again",
        "Only joining and leaving by consent are batched; a group that sends nothing for a while"
        " leaves the day’s mean with its people.",
    ),
    NotProtected(
        "That a day was retracted or revised, and why it was retracted",
        "A correction that is not announced would be worse; its reason is one of four words.",
    ),
)
