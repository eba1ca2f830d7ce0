"""What the page shows of the scores that some shares of messages have."""

from assets.released.score_anchors import ANCHORS, MESSAGES, SHARES, WRITERS


def anchors_shown() -> dict[str, object]:
    """The table of shares and mean scores, for the template."""
    means = {share: [one.means[at] for one in ANCHORS.values()] for at, share in enumerate(SHARES)}
    low, high = (f"{end(means[SHARES[0]]):.2f}" for end in (min, max))
    return {
        "messages": MESSAGES,
        "writers": WRITERS,
        "names": list(ANCHORS),
        "rows": list(means.items()),
        "off": [one.off for one in ANCHORS.values()],
        "least": low if low == high else f"{low} to {high}",
    }
