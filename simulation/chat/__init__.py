"""Invented care-worker chat exports with planted trends, for the demo and the tests."""

from simulation.chat.groups import SyntheticGroup
from simulation.chat.rendering import render_export
from simulation.chat.wording import plain_messages
from simulation.chat.world import FEWEST_DAYS, World, make_world

__all__ = [
    "FEWEST_DAYS",
    "SyntheticGroup",
    "World",
    "make_world",
    "plain_messages",
    "render_export",
]
