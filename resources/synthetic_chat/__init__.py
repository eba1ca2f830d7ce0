"""Invented care-worker chat exports with planted trends, for the demo and the tests."""

from resources.synthetic_chat.groups import SyntheticGroup
from resources.synthetic_chat.rendering import render_export
from resources.synthetic_chat.wording import plain_messages
from resources.synthetic_chat.world import FEWEST_DAYS, World, make_world

__all__ = [
    "FEWEST_DAYS",
    "SyntheticGroup",
    "World",
    "make_world",
    "plain_messages",
    "render_export",
]
