"""On what basis members are read, as the home's configuration states it."""

from collections.abc import Sequence

_NOTICE = (
    "Members were told beforehand and are read unless they object; an ethics committee decided on"
    " this departure from asking each of them"
)
_OPT_IN = "Members are read only if they have opted in, each for themselves"


def basis_in_words(member_bases: Sequence[str]) -> str:
    """One sentence.

    Args:
        member_bases: of `home.yaml`: `notice_with_objection`, `opt_in`, both or neither.
    """
    by_notice, by_opt_in = (name in member_bases for name in ("notice_with_objection", "opt_in"))
    if by_notice and by_opt_in:
        return f"Groups have one of two bases. {_NOTICE}. Or: {_OPT_IN.lower()}."
    if by_notice:
        return f"{_NOTICE}."
    if by_opt_in:
        return f"{_OPT_IN}."
    return "The study has not stated on what basis members are read."
