"""The command line as people and scripts meet it: what is printed where, and how it ends."""

import json
import shutil
from pathlib import Path

import pytest

from backend.tests.command_line import HIVES, PAGES, Run, make_site, run_command
from backend.tests.key import KEY
from ingest.tests.test_book_language import POLISH, RUSSIAN


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built book of one page, in whose folder commands run."""
    monkeypatch.chdir(tmp_path)
    return make_site(tmp_path)


@pytest.fixture
def run(site: Path) -> Run:
    """Run a command in the site's folder."""
    return run_command


def test_index_reports_what_it_did(run: Run) -> None:
    first = run("index", PAGES, "--json")
    assert first.exit_code == 0
    report = json.loads(first.stdout)
    assert {name: report[name] for name in ("pages", "chunks", "embedded", "kept", "deleted", "commit")} == {
        "pages": 1,
        "chunks": 2,
        "embedded": 2,
        "kept": 0,
        "deleted": 0,
        "commit": None,
    }
    again = json.loads(run("index", PAGES, "--json").stdout)
    assert (again["embedded"], again["kept"]) == (0, 2)


def test_index_takes_nothing_over_where_all_is_to_be_made_anew(run: Run) -> None:
    run("index", PAGES)
    report = json.loads(run("index", PAGES, "--anew", "--json").stdout)
    assert (report["embedded"], report["kept"]) == (2, 0)
    refused = run("index", PAGES, "--anew", "--watch")
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, 1)


def test_index_writes_the_book_as_markdown_when_it_has_changed_or_is_a_new_build(run: Run) -> None:
    run("index", PAGES)
    page = Path("build/docs/hives.md")
    whole = page.read_text()
    page.write_text("left as it is")
    run("index", PAGES)
    assert page.read_text() == "left as it is"
    source = Path("docs/hives.mdx")
    source.write_text(f"{source.read_text()}\n\nBees need shade.\n")
    run("index", PAGES)
    assert page.read_text() == f"{whole}\nBees need shade.\n"
    page.unlink()
    Path("build/booklight/markdown.json").unlink()
    run("index", PAGES)
    assert page.exists()


def test_index_names_the_embedding_that_suits_the_book_s_language(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "multilingual" not in run("index", PAGES).stderr
    Path("docs/hives.mdx").write_text(f"# Ульи\n\n{RUSSIAN}")
    Path("build/docs/hives.html").unlink()
    told = run("index", PAGES, "--json")
    assert "`ru`" in told.stderr
    assert "BOOKLIGHT_EMBEDDING=multilingual" in told.stderr
    assert json.loads(told.stdout)["languages"] == ["ru"]
    monkeypatch.setenv("BOOKLIGHT_EMBEDDING", "none")
    assert "multilingual" not in run("index", PAGES).stderr


def test_chunks_are_json_lines_and_need_no_index(run: Run) -> None:
    printed = run("chunks", PAGES)
    lines = [json.loads(line) for line in printed.stdout.splitlines()]
    assert [line["url"] for line in lines] == ["/docs/hives", "/docs/hives#opening-a-hive"]
    assert list(lines[0]) == [
        *("id", "path", "url", "anchor", "heading", "breadcrumbs", "page_title", "chapter_number", "lesson_slug"),
        *("source", "position", "text", "site", "locale", "docs_instance", "docs_version"),
    ]


def test_search_prints_one_document(run: Run) -> None:
    run("index", PAGES)
    printed = run("search", "opening a hive", "--limit", "1", "--json")
    document = json.loads(printed.stdout)
    assert document["query"] == "opening a hive"
    assert document["found"] is True
    (passage,) = document["passages"]
    assert passage["heading"] == "Opening a hive"
    assert passage["score"] > 0


def test_search_on_a_page_needs_the_page(run: Run) -> None:
    refused = run("search", "hives", "--scope", "current_page")
    assert refused.exit_code == 2
    assert "--page PERMALINK" in refused.stderr


@pytest.fixture
def french(site: Path) -> Path:
    """The French of the book, built into its folder, and with a domain of its own."""
    (site / "build/fr").mkdir()
    shutil.copytree(site / "build/docs", site / "build/fr/docs")
    document = json.loads((site / PAGES).read_text())
    document["site"] |= {"locale": "fr", "url": "https://fr.example.test", "siteDir": "../../../"}
    for page in document["pages"]:
        page["locale"] = "fr"
    document["pages"].append({"path": "/docs/apis", "source": None, "title": "APIs", "locale": "fr"})
    file = site / "build/fr/booklight/pages.json"
    file.parent.mkdir()
    file.write_text(json.dumps(document))
    return file


def test_a_build_folder_is_indexed_in_every_locale(run: Run, french: Path) -> None:
    made = run("index", "build", "--json")
    assert (json.loads(made.stdout)["pages"], json.loads(made.stdout)["chunks"]) == (3, 4)
    for reader in (["--locale", "fr"], ["--page", "https://fr.example.test/docs/hives"]):
        found = json.loads(run("search", "open a hive", "--json", *reader).stdout)
        assert {passage["locale"] for passage in found["passages"]} == {"fr"}
    found = json.loads(run("search", "open a hive", "--json").stdout)
    assert {passage["locale"] for passage in found["passages"]} == {"en"}


def test_a_build_folder_is_audited_in_every_locale(run: Run, french: Path) -> None:
    assert json.loads(run("audit", "build", "--json").stdout) == {"checked": 4, "broken": []}
    page = french.parents[1] / "docs/hives.html"
    page.write_text(page.read_text().replace("opening-a-hive", "renamed"))
    found = run("audit", "build", "--json")
    assert found.exit_code == 1
    assert [broken["url"] for broken in json.loads(found.stdout)["broken"]] == ["/docs/hives#opening-a-hive"]


def test_every_note_on_the_sources_is_listed_by_file_and_line_with_verbose(run: Run, site: Path) -> None:
    (site / "docs/hives.mdx").write_text(HIVES + "\nText <iframe> more.\n" * 25)
    (site / "build/docs/hives.html").unlink()
    for command in (("index", PAGES), ("chunks", PAGES), ("audit", "build")):
        short, whole = (run(*command, *options).stderr.splitlines() for options in ((), ("--verbose",)))
        noted = [line for line in whole if line.endswith("nothing closes this: kept as text")]
        if command[0] == "index":
            assert noted == []  # the page was read by the run before
            continue
        assert [int(line.split(":")[0]) for line in noted] == list(range(11, 11 + 2 * 25, 2))
        assert whole[whole.index(noted[0]) - 1].endswith("docs/hives.mdx")
        assert len([line for line in short if "nothing closes this" in line]) == 20
        assert "… and 5 more: --verbose shows them all" in short


def test_a_locale_that_was_not_built_is_named(run: Run, french: Path) -> None:
    document = json.loads(french.read_text())
    document["site"]["locales"] = ["en", "fr", "pl"]
    french.write_text(json.dumps(document))
    for command in ("index", "audit"):
        said = run(command, "build").stderr
        assert "build has no pages of the site's locale pl: build it too" in said
        assert "locale fr:" not in said
    assert "locale pl" not in run("index", PAGES, str(french)).stderr


def test_a_book_in_another_language_than_its_locale_says_is_searched_in_its_own(
    run: Run, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKLIGHT_EMBEDDING", "none")
    (site / "docs/hives.mdx").write_text(f"{POLISH}\n\n## Opening a hive\n\n{POLISH}")
    said = run("index", "build").stderr
    line = 'put `i18n: { defaultLocale: "pl", locales: ["pl"] }` into docusaurus.config'
    assert said.count(f"The text looks Polish, and the site's locale is en: {line}") == 1
    found = json.loads(run("search", "pszczołom", "--json").stdout)
    assert {passage["locale"] for passage in found["passages"]} == {"pl"}
    document = json.loads((site / PAGES).read_text())
    document["site"] |= {"locale": "pl", "locales": ["pl"]}
    document["pages"][0]["locale"] = "pl"
    (site / PAGES).write_text(json.dumps(document))
    mended = run("index", "build", "--json")
    assert "looks" not in mended.stderr
    assert json.loads(mended.stdout)["embedded"] == 0


def test_search_without_an_index_names_the_command_that_makes_one(run: Run) -> None:
    refused = run("search", "hives")
    assert refused.exit_code == 2
    assert "booklight index" in refused.stderr
    assert refused.stdout == ""


def test_audit_ends_with_one_when_a_link_is_broken(run: Run, site: Path) -> None:
    assert json.loads(run("audit", "build", "--json").stdout) == {"checked": 2, "broken": []}
    page = site / "build/docs/hives.html"
    page.write_text(page.read_text().replace("opening-a-hive", "renamed"))
    found = run("audit", "build", "--json")
    assert found.exit_code == 1
    (broken,) = json.loads(found.stdout)["broken"]
    assert broken["url"] == "/docs/hives#opening-a-hive"
    assert broken["source"] == "docs/hives.mdx"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("index", "nowhere.json"), "nowhere.json does not exist"),
        (("index", "docs/hives.mdx"), "is not a pages.json"),
        (("chunks", PAGES, "--source", "nowhere"), "--source DIR"),
        (("audit", "docs"), "does not exist"),
        (("serve", "--site", "docs"), "does not exist"),
    ],
)
def test_bad_input_is_one_line_and_status_two(run: Run, arguments: tuple[str, ...], said: str) -> None:
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("BOOKLIGHT_MODEL", "gpt", "BOOKLIGHT_MODEL is 'gpt': give extractive or openai:<model>"),
        ("BOOKLIGHT_CHAPTER_BOOST", "much", "BOOKLIGHT_CHAPTER_BOOST is 'much'"),
        ("BOOK_BASE_URL", "book", "give an http(s) URL, or a path that begins with /"),
        ("BOOKLIGHT_DATABASE_URL", "postgresql://user:hunter2@host/db", "BOOKLIGHT_SECRET_KEY is required"),
        ("BOOKLIGHT_DATABASE_URL", "sqlite://", "name a file"),
        ("BOOKLIGHT_MODEL", "openai:gpt", "OPENAI_API_KEY is not set"),
    ],
)
def test_a_wrong_setting_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv(variable, value)
    refused = run("serve", "--site", "build", "--port", "0")
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert "hunter2" not in refused.stderr


def test_migrate_says_how_the_database_was_before(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [json.loads(run("migrate", "--json").stdout)["before"] for _ in range(2)]
    assert before == ["empty", "current"]
    assert "already" in run("migrate").stdout
    monkeypatch.setenv("BOOKLIGHT_DATABASE_URL", "postgresql://ann:hunter2@127.0.0.1:1/nothing")
    monkeypatch.setenv("BOOKLIGHT_SECRET_KEY", KEY)
    refused = run("migrate")
    assert (refused.exit_code, len(refused.stderr.strip().splitlines())) == (2, 1)
    assert "hunter2" not in refused.stderr


def test_prune_says_how_many_it_deleted(run: Run) -> None:
    assert json.loads(run("prune", "--older-than", "30", "--json").stdout) == {"deleted": 0}
    assert run("prune", "--older-than", "0").exit_code == 2


def test_doctor_ends_with_one_until_there_is_an_index(run: Run) -> None:
    before = run("doctor", PAGES)
    assert before.exit_code == 1
    assert "booklight index" in before.stdout
    run("index", PAGES)
    after = run("doctor", PAGES, "--json")
    assert json.loads(after.stdout)
    assert after.exit_code == 0, after.stdout
