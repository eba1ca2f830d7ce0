"""The auditor's figures: what is claimed of a draw, and what can be shown of it from outside."""

from typing import Annotated

import typer

from assets.released.method import MICRO
from bench.release.audited_release import MICRO_RHO, audited
from bench.release.auditor import audit as bound


def audit(
    draws: Annotated[int, typer.Option(help="Draws of each of two neighbours.")] = 50_000,
    unsure: Annotated[float, typer.Option(help="How often a bound may be too high.")] = 0.01,
) -> None:
    """A lower bound on rho of this version's draw and of three planted bugs."""
    print(f"Claimed: {MICRO_RHO / MICRO}. Bound with {1 - unsure:.0%} confidence (plain estimate)")
    for one in audited():
        found = bound(one.one, one.other, draws=draws, unsure=unsure)
        print(f"{one.name:24} {found.rho:.4f} ({found.estimate:.4f})")
