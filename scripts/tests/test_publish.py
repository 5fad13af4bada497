"""Publishing a book as its author and the Action do: a real build, a real index, and a server that goes on running."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.tests.small_site import CHUNKS, QUEEN, SmallSite, answer, write_site

GATES = ("--questions", "questions.jsonl", "--min", "recall@5=0.9 mrr=0.5")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SmallSite:
    """A book that has been published once."""
    written = write_site(tmp_path_factory.mktemp("site"))
    first = written.publish(*GATES)
    assert first.returncode == 0, first.stdout + first.stderr
    assert counts(first) == (CHUNKS, CHUNKS, 0, 0)
    return written


@pytest.fixture
def queen(site: SmallSite) -> Iterator[Path]:
    """The page that a test changes; its text is as it was again afterwards."""
    page = site.folder / "book/docs/queen.mdx"
    yield page
    page.write_text(QUEEN)


def counts(done: "subprocess.CompletedProcess[str]") -> tuple[int, ...]:
    """Return chunks, embedded, kept and deleted as the summary says them."""
    row = re.search(r"^\| \d+ \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", done.stdout, re.M)
    assert row, done.stdout + done.stderr
    return tuple(map(int, row.groups()))


def index_of(site: SmallSite) -> str:
    """Return which generation of the index is in use."""
    return (site.folder / ".booklight/index/CURRENT").read_text()


def test_one_changed_page_changes_exactly_its_chunks_and_a_running_server_answers_from_it(
    site: SmallSite, queen: Path, tmp_path: Path
) -> None:
    with site.serve() as address:
        assert "two thousand eggs" in answer(address, "How many eggs does the queen lay?")
        queen.write_text(QUEEN.replace("two thousand", "fifteen hundred"))
        summary, output = tmp_path / "summary.md", tmp_path / "output"
        deploy = 'cp -r "$BUILD_DIR" deployed'
        done = site.publish(*GATES, "--deploy", deploy, GITHUB_STEP_SUMMARY=str(summary), GITHUB_OUTPUT=str(output))
        assert done.returncode == 0, done.stdout + done.stderr
        assert "fifteen hundred eggs" in answer(address, "How many eggs does the queen lay?")
        assert "two thousand" not in answer(address, "How many eggs does the queen lay?")
    assert "fifteen hundred" in (site.folder / "deployed/docs/queen.html").read_text()
    assert counts(done) == (CHUNKS, 1, CHUNKS - 1, 0)
    assert "| Embedded | Kept | Deleted |" in summary.read_text()
    assert "links checked, none is broken" in summary.read_text()
    said = dict(line.split("=", 1) for line in output.read_text().splitlines())
    assert {name: said[name] for name in ("changed", "embedded", "deleted", "build")} == {
        "changed": "true",
        "embedded": "1",
        "deleted": "0",
        "build": "book/build",
    }


def test_nothing_is_built_or_deployed_when_no_content_changed(site: SmallSite, tmp_path: Path) -> None:
    output = tmp_path / "output"
    site.publish()
    touch = ("--build-command", "touch built", "--deploy", "touch deployed-again")
    again = site.publish(*touch, GITHUB_OUTPUT=str(output))
    assert again.returncode == 0
    assert "no content changed" in again.stdout
    assert not (site.folder / "book/built").exists()
    assert not (site.folder / "deployed-again").exists()
    assert "changed=false" in output.read_text()


def test_a_book_that_search_answers_badly_is_not_published(site: SmallSite) -> None:
    site.publish()
    lost = {"id": "q3", "question": "When are hives moved?", "gold": [{"source": "docs/moving.mdx", "heading": "When"}]}
    (site.folder / "lost.jsonl").write_text(json.dumps(lost))
    index = index_of(site)
    gate = ("--questions", "lost.jsonl", "--min", "recall@5=0.9")
    refused = site.publish("--build-command", "true", *gate, "--deploy", "touch deployed-bad")
    assert refused.returncode == 1
    assert "search is worse than it has to be" in refused.stdout
    assert "recall@5 is 0.000" in refused.stdout
    assert index_of(site) == index
    assert not (site.folder / "deployed-bad").exists()


def test_a_broken_link_is_not_published(site: SmallSite) -> None:
    index = index_of(site)
    built_by = "mv build/docs/smoker.html build/docs/smoker.lost"
    refused = site.publish("--force", "--build-command", built_by, "--deploy", "touch deployed-broken")
    assert refused.returncode == 1
    assert "docs/smoker.mdx: /docs/smoker#putting-it-out" in refused.stdout
    assert index_of(site) == index
    assert not (site.folder / "deployed-broken").exists()


def test_a_run_that_failed_to_deploy_is_made_up_for_by_the_next(site: SmallSite) -> None:
    mended = "mv build/docs/smoker.lost build/docs/smoker.html"
    failed = site.publish("--force", "--build-command", mended, "--deploy", "false")
    assert failed.returncode == 1
    assert "could not be deployed" in failed.stdout
    assert counts(site.publish("--build-command", "true", "--deploy", "true")) == (CHUNKS, 0, CHUNKS, 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--book", "nowhere"), "name the book's folder with --book"),
        (("--force", "--build-command", "true", "--booklight", "no-such-booklight"), "name it with --booklight"),
    ],
)
def test_bad_use_is_one_line_and_status_two(site: SmallSite, arguments: tuple[str, ...], said: str) -> None:
    refused = site.publish(*arguments)
    assert refused.returncode == 2
    assert said in refused.stdout
    assert "Traceback" not in refused.stderr


def test_a_workflow_that_remembers_by_itself_finds_the_folder_to_do_it_in(site: SmallSite, tmp_path: Path) -> None:
    stamp = tmp_path / "new/published"
    done = site.publish("--force", "--build-command", "true", "--no-remember", "--stamp", str(stamp))
    assert done.returncode == 0, done.stdout + done.stderr
    assert stamp.parent.is_dir()
    assert not stamp.exists()
