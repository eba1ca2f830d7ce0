"""What is read as speech of a phone language that no list knows: each language left out in turn.

    python -m bench.unknown_language

The chats are those of `tests/collection/wordings`, in each client's form. A language's wordings and
words are taken out before anything is made of them, each in a process of its own; an export that is
refused aloud gives no speech.
"""

import argparse
import multiprocessing
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

TESTS = Path(__file__).parents[1] / "tests" / "collection"
FORMS = ("android", "ios", "ios led from the right", "ios without marks")


def of_language(language: str) -> list[tuple[str, int, int, int, int, tuple[int, int], bool]]:
    """For each form WhatsApp's own lines and those read as speech, typed lines and those lost.

    Beside them how many notices there are, and how many in no listed wording; and whether the
    export was refused.
    """
    # Before anything is made of the lists.
    from assets.restricted.collection.whatsapp import stems, wordings  # noqa: PLC0415

    wordings.wordings().pop(language, None)
    stems.stems().pop(language, None)
    kept = stems._read

    def without(name: str) -> dict[str, Any]:
        return {one: words for one, words in kept(name).items() if one != language}

    stems._read = without
    sys.path.insert(0, str(TESTS))
    import test_wordings as own  # noqa: PLC0415  # pyright: ignore[reportMissingImports]

    found = []
    for form in FORMS:
        words, (client, mark, line_end) = own.LANGUAGES[language], own.CLIENTS[form]
        written = own.lines_of(words, client, mark)
        export = own.read(own.written(words, client, mark, line_end))
        spoken = Counter(one.text for one in export.messages if one.kind == "speech")
        typed = Counter(
            body.rpartition("\n")[2] if client == "android" else body
            for _, body, kind in written
            if kind == "speech"
        )
        ours = sum(kind in ("media", "deleted", "system") for _, _, kind in written)
        refused = bool(export.report.unsure_reasons)
        misread = 0 if refused else (spoken - typed).total()
        lost = 0 if refused else (typed - spoken).total()
        notices = export.report.notices
        unknown = notices.get("unknown", 0)
        found.append(
            (form, ours, misread, typed.total(), lost, (sum(notices.values()), unknown), refused)
        )
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--each", action="store_true", help="a line for each language, too")
    chosen = options.parse_args()
    languages = yaml.safe_load((TESTS / "wordings" / "by_language.yaml").read_text("utf-8"))
    # No list could do without English.
    del languages["en"]
    total: dict[str, Counter[str]] = {form: Counter() for form in FORMS}
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for language, found in zip(languages, pool.imap(of_language, languages), strict=True):
            for form, ours, misread, typed, lost, notices, refused in found:
                total[form].update(
                    ours=ours, misread=misread, typed=typed, lost=lost, refused=refused, files=1
                )
                if chosen.each:
                    print(language, form, ours, misread, typed, lost, notices, refused)
    for form, counted in total.items():
        print(
            f"{form:24} {counted['files']} languages, {counted['refused']} refused aloud;"
            f" of {counted['ours']} lines that WhatsApp wrote {counted['misread']} read as speech,"
            f" of {counted['typed']} typed {counted['lost']} lost"
        )


if __name__ == "__main__":
    main()
