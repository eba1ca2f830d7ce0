"""Commands whose modules are loaded when they are called (Click, 'Lazily Loading Subcommands')."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup


class OnDemand(TyperCommand):
    """Stands for a command in help, completion and suggestions, and turns into it when called.

    Args:
        name: what the command is called.
        module: in `orchestration.cli`; its `add_to` adds the command, others perhaps too.
        line: the first sentence of the command's help.
        hidden: whether it stands in no list.
    """

    def __init__(self, name: str, module: str, line: str, *, hidden: bool = False) -> None:
        super().__init__(name, help=line, hidden=hidden, rich_markup_mode=None)
        self._module = module

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **more: Any) -> Any:
        """The context of the command itself."""
        return self.load().make_context(info_name, args, *rest, **more)

    def load(self) -> Any:
        """The command itself."""
        part = typer.Typer(rich_markup_mode=None)
        import_module(f"{__package__}.{self._module}").add_to(part)
        return typer.main.get_group(part).commands[self.name or ""]


class OnDemandGroup(TyperGroup):
    """A group of such commands, in the order of `lines`."""

    lines: ClassVar[Mapping[str, Mapping[str, str]]]
    """By module, each command's name and the first sentence of its help."""
    unlisted: ClassVar[frozenset[str]] = frozenset()
    """Commands of which help says nothing until they are asked for by name."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for module, commands in self.lines.items():
            for name, line in commands.items():
                hidden = name in self.unlisted
                self.add_command(OnDemand(name, module, line, hidden=hidden))
