"""`booklight serve`: the assistant, and the book beside it."""

from pathlib import Path
from typing import Annotated

import typer

from booklight.cli.console import exit_on_errors, read_settings
from booklight.serving import serve_app


def run(
    site: Annotated[Path | None, typer.Option(metavar="BUILD_DIR", help="Serve this built book too.")] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes share the port.")] = 1,
) -> None:
    """Serve until interrupted."""
    settings = read_settings()
    with exit_on_errors():
        serve_app(settings, site=site, host=host, port=port, workers=workers)
