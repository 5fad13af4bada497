"""A built book of one page to run commands on, and how they are run."""

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner, Result

from booklight.cli.main import app

PAGES = "build/booklight/pages.json"
HIVES = """---
title: Hives
---

A hive is a box in which bees live.

## Opening a hive

Light the smoker before you open a hive.
"""
PAGE_HTML = '<article><h1>Hives</h1><p>A hive</p><h2 id="opening-a-hive">Opening a hive</h2></article>'

Run = Callable[..., Result]


def make_site(folder: Path) -> Path:
    """Write the book, its sources beside it."""
    (folder / "docs").mkdir()
    (folder / "docs/hives.mdx").write_text(HIVES)
    (folder / "build/booklight").mkdir(parents=True)
    (folder / "build/docs").mkdir()
    (folder / "build/docs/hives.html").write_text(PAGE_HTML)
    heading = {"id": "opening-a-hive", "level": 2, "text": "Opening a hive"}
    page = {"path": "/docs/hives", "source": "docs/hives.mdx", "title": "Hives", "headings": [heading]}
    about = {
        "title": "Bees",
        "url": "https://bees.example",
        "baseUrl": "/",
        "locale": "en",
        "siteDir": "../..",
        "markdown": True,
    }
    book = {"version": 1, "site": about, "chapters": [], "pages": [page]}
    (folder / PAGES).write_text(json.dumps(book))
    return folder


def run_command(*arguments: str) -> Result:
    """Run one command in the current folder."""
    return CliRunner().invoke(app, arguments)
