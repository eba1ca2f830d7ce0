"""`tideline audit rehearse`."""

import os
import secrets
import signal
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Annotated

import typer

from assets.core.errors import AuditError
from orchestration.cli.console import progress, screen
from orchestration.cli.rehearsal.build import differing, installed
from orchestration.cli.rehearsal.deployed import told_by_home
from orchestration.cli.rehearsal.given import days_of, exports_in
from orchestration.cli.rehearsal.run import Left, Traced, left_behind, run_in, traced, with_company
from orchestration.cli.rehearsal.scratch import scratch
from orchestration.cli.rehearsal.words import ToLookFor, to_look_for
from resources.base.clock import Clock
from resources.base.home import DEFAULT_REGIONS


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("rehearse")
    def rehearse(
        exports: Annotated[
            Path | None,
            typer.Option(
                help="Folder of WhatsApp exports that you invented (.txt or .zip), a group each; in"
                " folders named after regions, or in turns. Without it, invented ones alone."
            ),
        ] = None,
        days: Annotated[
            int, typer.Option(min=7, max=60, help="How many of the exports' last days to run.")
        ] = 14,
        show_words: Annotated[
            bool, typer.Option("--show-words", help="Say which of your words were found, too.")
        ] = False,
    ) -> None:
        """Run invented exports through the program in a scratch home, and search it for them.

        Never give it a real export. The scratch home has keys and a database of its own and is gone
        afterwards; no other home is opened, but for the digests of the one at TIDELINE_HOME. Exit
        status 0 means: published, every step traced, no word found, the same digests.
        """
        # Else what is to be removed would stay.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        regions = tuple(DEFAULT_REGIONS)
        own = exports_in(exports, regions) if exports else []
        span = days_of(own, Clock().today(), days)
        with tempfile.TemporaryDirectory(prefix="tideline-invented-") as folder, scratch() as place:
            rng = Random(secrets.randbits(64))  # noqa: S311  (it invents words)
            every = with_company(Path(folder), own, span, regions[0], rng)
            with progress("choosing words to look for"):
                wanted = to_look_for(one.path for one in every)
            with progress(f"running {len(every)} groups, {span[0]} to {span[1]}"):
                output = run_in(place, every, span)
            with progress("tracing a point of the page"):
                found = traced(place)
            with progress("searching output, database and files"):
                left = left_behind(place, output, wanted)
        told = told_by_home() if os.environ.get("TIDELINE_HOME") else {}
        _say_what_ran(len(own), len(every), wanted)
        _say_way(found)
        _say_left(left, show_words=show_words)
        _say_digests(found.digests, told)
        if left:
            raise AuditError("REHEARSAL_WORDS_FOUND")
        if differing(found.digests) or differing(told):
            raise AuditError("REHEARSAL_OF_ANOTHER_BUILD")
        screen().print("Clean: published, every step traced, none of these words anywhere.")


def _say_what_ran(own: int, every: int, wanted: ToLookFor) -> None:
    out = screen()
    if not own:
        out.print("No exports were given: all of it is invented by the program itself.")
    out.print(f"Exports: {own} of yours, {every - own} invented by the program.")
    out.print(
        f"Looked for: {wanted.words} words, {wanted.phrases} phrases, {wanted.numbers} telephone"
        f" numbers. Left out: {wanted.known} that the program or its libraries have themselves."
    )


def _say_way(found: Traced) -> None:
    out, point = screen(), found.point
    out.print(
        f"From the page: {point.construct} in {point.region} on {point.day}, {point.column}"
        f" {point.value}, release {point.release},"
        f" evidence {point.point_id}; back to the exports:",
        soft_wrap=True,
    )
    for hop in found.hops:
        out.print(f"  {hop.asset:<20} {hop.run or 'no run':<36} {hop.told}", soft_wrap=True)


def _say_left(left: Sequence[Left], *, show_words: bool) -> None:
    out = screen()
    for one in left:
        which = f": {', '.join(sorted(one.words))}" if show_words else ""
        out.print(f"FOUND in {one.where}, {one.place}: {len(one.words)} words{which}")
    counts = Counter(one.where for one in left)
    for where in ("output", "database", "files"):
        out.print(f"Words found in {where}: {'none' if not counts[where] else counts[where]}")


def _say_digests(of_runs: Mapping[str, str], of_home: Mapping[str, str]) -> None:
    out = screen()
    out.print("Digests of the installed program, which ran:")
    for name, digest in installed().items():
        seen = "as runs recorded it" if of_runs.get(name) == digest else ""
        if name in of_home:
            same = "the same" if of_home[name] == digest else f"ANOTHER: {of_home[name]}"
            seen = f"{seen}; in the home at TIDELINE_HOME {same}".removeprefix("; ")
        out.print(f"  {name:<22} {digest} {seen}".rstrip(), soft_wrap=True)
