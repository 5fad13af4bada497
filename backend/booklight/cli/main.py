"""The command line. Each command is a module beside this one, imported when it is the one that is run.

Settings come from the environment. Every command ends with 0 when it did its work, 1 when it found what it exists to
find, and 2, with one line that says what to do, when it was misused or given something it cannot read.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "index": "Bring the index in step with the built book; only what changed is embedded.",
    "chunks": "Print the book's chunks as JSON lines; nothing is embedded or stored.",
    "search": "Search the index as the assistant does.",
    "eval": "Measure how well search finds what answers the questions of a file.",
    "audit": "Check every chunk's URL against the built HTML; ends with 1 if one leads nowhere.",
    "serve": "Serve the assistant, and with --site the book as well.",
    "insights": "Report what readers asked, what the book did not answer, and what they thought of the answers.",
    "mcp": "Let an assistant on this machine search and read the book, by MCP over standard input and output.",
    "migrate": "Bring the database to today's schema, as `serve` does by itself when it starts.",
    "prune": "Delete the conversations that nothing was added to for some days.",
    "forget": "Delete all that is kept of one reader, or one conversation, for good.",
    "export": "Print all that is kept of one reader, or one conversation, as JSON.",
    "doctor": "Check every part of the set-up; ends with 1 if something is wrong.",
}


def main() -> None:
    """Run the command that the process was started with."""
    app()


class LateCommands(TyperGroup):
    """Knows the commands by what their help says of them, and imports one when it is asked for."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Return the command that `args` begin with, its module loaded."""
        if args[0] in COMMANDS:
            self.commands[args[0]] = _load(args[0])
        return super().resolve_command(ctx, args)


def _load(name: str) -> Any:
    loaded = typer.Typer(add_completion=False)
    loaded.command(name, help=COMMANDS[name])(import_module(f"booklight.cli.{name}").run)
    return typer.main.get_command(loaded)


def _not_loaded() -> None:
    """Stand for a command until it is loaded."""


app = typer.Typer(
    cls=LateCommands,
    help="An assistant for Docusaurus books that answers from the book and links every claim to its passage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command, meaning in COMMANDS.items():
    app.command(command, help=meaning)(_not_loaded)

if __name__ == "__main__":
    main()
