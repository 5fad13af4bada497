"""Publish a book: build it, check it, bring its index in step, deploy it; nothing at all when its content is as it was.

These are the steps of the GitHub Action, and one command runs them anywhere. What readers have changes only after every
check has passed: links are audited in the built HTML, and questions are asked of a rehearsal index beside the real one.
Only the standard library is used here, so that any Python runs it.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from content import fingerprint
from publish_steps import CheckFailed, Counts, Misused, Tool, audit, build, deploy, evaluate, index, rehearsal
from steps import say

STAMP = Path(".booklight/published")
SUMMARY, OUTPUT = "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"


@dataclass(frozen=True)
class Published:
    """What a run did. `counts` is None when nothing had changed; `checks` are lines for people."""

    key: str
    counts: Counts | None = None
    checks: tuple[str, ...] = ()


def main(arguments: Sequence[str]) -> int:
    """Publish as `arguments` say. Returns 0 when done or nothing to do, 1 when a check failed, 2 for bad use."""
    given = _parse(arguments)
    try:
        published = publish(given)
    except CheckFailed as failure:
        _show(f"**Not published: {failure.step}**\n\n```text\n{failure.output}\n```")
        return 1
    except Misused as error:
        say(f"publish: {error}")
        return 2
    _report(given, published)
    return 0


def publish(given: argparse.Namespace) -> Published:
    """Run the steps in order. Raises Misused, and CheckFailed, after which the next run publishes again."""
    if not given.book.is_dir():
        raise Misused(f"{given.book} is not a folder: name the book's folder with --book")
    key = fingerprint(given.content or [given.book], [given.questions], given.build)
    if not given.force and _read(given.stamp) == key:
        return Published(key)
    tool = Tool(given.booklight, Path.cwd())
    built = given.book / given.build
    build(given.build_command, given.book)
    pages = built / "booklight/pages.json"
    if not pages.is_file():
        raise CheckFailed("the build wrote no pages.json", f"{pages} does not exist: add the site plugin to the book")
    checks = [audit(tool, built)]
    if given.questions:
        checks.append(evaluate(rehearsal(tool, pages), given.questions, pages, _words(given.min)))
    # The caller writes the stamp there where it is the one to remember.
    given.stamp.parent.mkdir(parents=True, exist_ok=True)
    # From here on readers have neither the last state whole nor this one, until both steps are done.
    given.stamp.unlink(missing_ok=True)
    counts = index(tool, pages)
    if given.deploy:
        deploy(given.deploy, built)
    if given.remember:
        given.stamp.write_text(key)
    return Published(key, counts, tuple(checks))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="publish.py", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--book", type=Path, default=Path("book"), help="the folder of the Docusaurus site")
    parser.add_argument("--build", default="build", help="where the build goes, below the book's folder")
    parser.add_argument("--build-command", default="npm run build --ignore-scripts", help="run in the book's folder")
    parser.add_argument("--content", type=Path, action="append", help="what is compared for changes; default: the book")
    parser.add_argument("--questions", type=Path, help="a file of questions for `booklight eval`")
    parser.add_argument("--min", action="append", default=[], metavar="FIGURE=LEAST", help="as for `booklight eval`")
    parser.add_argument("--deploy", metavar="COMMAND", help="run last; BUILD_DIR in its environment is the built book")
    parser.add_argument("--booklight", type=_executable, default=_own_booklight(), help="the booklight to run")
    parser.add_argument("--stamp", type=Path, default=STAMP, help="remembers what was published last")
    parser.add_argument(
        "--no-remember", dest="remember", action="store_false", help="leave it to the caller to write KEY to the stamp"
    )
    parser.add_argument("--force", action="store_true", help="publish even when no content changed")
    return parser.parse_args(arguments)


def _executable(path: str) -> str:
    """Return a command as it can be run from any folder."""
    return str(Path(path).resolve()) if os.sep in path else path


def _own_booklight() -> str:
    """Return the `booklight` of this checkout if it is set up, else the one on PATH."""
    own = Path(__file__).resolve().parent.parent / ".venv/bin/booklight"
    return str(own) if own.is_file() else "booklight"


def _words(values: Sequence[str]) -> list[str]:
    return [word for value in values for word in value.split()]


def _read(stamp: Path) -> str | None:
    return stamp.read_text() if stamp.is_file() else None


def _report(given: argparse.Namespace, published: Published) -> None:
    counts = published.counts
    _append(OUTPUT, f"changed={'true' if counts else 'false'}\nkey={published.key}\nbuild={given.book / given.build}\n")
    if counts is None:
        return _show("**Nothing to publish:** no content changed.")
    _append(OUTPUT, f"embedded={counts.embedded}\nkept={counts.kept}\ndeleted={counts.deleted}\n")
    table = [
        "| Pages | Chunks | Embedded | Kept | Deleted |",
        "| ---: | ---: | ---: | ---: | ---: |",
        f"| {counts.pages} | {counts.chunks} | {counts.embedded} | {counts.kept} | {counts.deleted} |",
    ]
    return _show("\n".join([f"**Published** {counts.commit or ''}".rstrip(), "", *table, "", *published.checks]))


def _show(text: str) -> None:
    """Write to the terminal, and to the job's summary where there is one."""
    say(f"\n{text}")
    _append(SUMMARY, f"{text}\n")


def _append(variable: str, text: str) -> None:
    path = os.environ.get(variable)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
