"""On what basis members are read, as the home's configuration states it."""

from collections.abc import Sequence

_NOTICE = (
    "Members were told beforehand and are read unless they object; an ethics committee decided on"
    " this departure from asking each of them"
)
_MADE_UP = "Here the members are made up, so nobody was told, asked or read"
_MADE_UP_NOTICE = "members are told beforehand and read unless they object"
_OPT_IN = "Members are read only if they have opted in, each for themselves"

_ADMIN = "A group is counted if its admin signed it up"


def who_chose(member_bases: Sequence[str]) -> str:
    """Who chose that a group takes part, and what its members could do; one sentence.

    Args:
        member_bases: see `basis_in_words`.
    """
    by_notice, by_opt_in = (name in member_bases for name in ("notice_with_objection", "opt_in"))
    if by_notice and by_opt_in:
        return (
            f"{_ADMIN}; in some groups members were told and could object, in others only those"
            " count who opted in."
        )
    if by_opt_in:
        return f"{_ADMIN}, and of its members only those who opted in."
    if by_notice:
        return f"{_ADMIN}; its members didn’t choose it, but were told beforehand and could object."
    return f"{_ADMIN}."


def basis_in_words(member_bases: Sequence[str], *, made_up: bool = False) -> str:
    """One sentence, or two.

    Args:
        member_bases: of `home.yaml`: `notice_with_objection`, `opt_in`, both or neither.
        made_up: whether the members are; then nothing is said that only a study's own can do.
    """
    by_notice, by_opt_in = (name in member_bases for name in ("notice_with_objection", "opt_in"))
    if made_up:
        of_a_study = [_MADE_UP_NOTICE] * by_notice + [_lowered(_OPT_IN)] * by_opt_in
        told = f" In a study on this basis {', or '.join(of_a_study)}." if of_a_study else ""
        return f"{_MADE_UP}.{told}"
    if by_notice and by_opt_in:
        return f"Groups have one of two bases. {_NOTICE}. Or: {_lowered(_OPT_IN)}."
    if by_notice:
        return f"{_NOTICE}."
    if by_opt_in:
        return f"{_OPT_IN}."
    return "The study has not stated on what basis members are read."


def _lowered(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
