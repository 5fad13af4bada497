"""What `booklight doctor` finds: every part of a set-up that is well, and each that is not."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.tests.key import KEY
from backend.tests.live import index_small_book
from backend.tests.scripted_model import serve_scripted_model
from booklight.auth.secret import key_file
from booklight.doctor.checks import diagnose, diagnose_settings
from booklight.doctor.diagnostics import Diagnostic, diagnostic_lines, diagnostics_document
from booklight.doctor.model import ask_model
from booklight.settings import Settings
from booklight.store.database import Database, parse_database_url
from booklight.store.migrations import upgrade
from booklight_ingest.embed.embedder import open_embedder

PAGES = Path("no-pages.json")


@pytest.fixture
async def well(tmp_path: Path, empty_database_url: str) -> Settings:
    """Settings of a set-up in which all is well, on each database."""
    await index_small_book(tmp_path / "index", open_embedder())
    await upgrade(parse_database_url(empty_database_url))
    return Settings(
        _env_file=None,
        database_url=empty_database_url,
        index_path=tmp_path / "index",
        secret_key=KEY,
        allowed_origins="https://book.example:8443, http://localhost:3000",
    )


@pytest.fixture
def laptop(tmp_path: Path) -> Settings:
    """Settings of a set-up in which nothing has been done yet."""
    return Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/new/b.db", index_path=tmp_path / "index")


def found_of(diagnostics: list[Diagnostic], part: str) -> Diagnostic:
    """Return what was found of a part."""
    (one,) = [diagnostic for diagnostic in diagnostics if diagnostic.part == part]
    return one


def entries(folder: Path) -> list[Path]:
    """Return what is in a folder."""
    return list(folder.iterdir())


def wrong_parts(diagnostics: list[Diagnostic]) -> list[str]:
    return [diagnostic.part for diagnostic in diagnostics if not diagnostic.ok]


async def test_every_part_is_said_to_be_well(well: Settings) -> None:
    diagnostics = await diagnose_settings(well, PAGES)
    assert wrong_parts(diagnostics) == []
    assert {diagnostic.part for diagnostic in diagnostics} == {
        *("settings", "database", "index", "book", "embedding", "model", "origins", "secret", "login", "limits"),
        *("connections", "disk"),
    }
    assert "tables are today's" in found_of(diagnostics, "database").found
    assert "4 chunks" in found_of(diagnostics, "index").found


async def test_before_the_first_index_only_that_is_wrong_and_nothing_is_made(laptop: Settings, tmp_path: Path) -> None:
    diagnostics = await diagnose_settings(laptop, PAGES)
    assert wrong_parts(diagnostics) == ["index"]
    assert "booklight index" in str(found_of(diagnostics, "index").remedy)
    assert "`booklight serve` makes it" in found_of(diagnostics, "database").found
    assert entries(tmp_path) == []


async def test_an_empty_database_is_well_and_stays_empty(empty_database_url: str, laptop: Settings) -> None:
    settings = laptop.model_copy(
        update={"database_url": Settings(database_url=empty_database_url, secret_key=KEY).database_url}
    )
    for _ in range(2):
        found = found_of(await diagnose_settings(settings, PAGES), "database")
        assert found.ok
        assert "makes" in found.found


@pytest.mark.parametrize(("revision", "remedy"), [("r9999", "update"), ("0004", "move it away")])
async def test_a_database_of_another_version_is_wrong(
    well: Settings, tmp_path: Path, revision: str, remedy: str
) -> None:
    url = f"sqlite:///{tmp_path}/other.db"
    await upgrade(parse_database_url(url))
    database = Database(parse_database_url(url))
    async with database.statement() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = :given"), {"given": revision})
    await database.close()
    settings = Settings(_env_file=None, database_url=url, index_path=well.index_path)
    assert remedy in str(found_of(await diagnose_settings(settings, PAGES), "database").remedy)


async def test_a_database_that_cannot_be_reached_is_wrong(laptop: Settings) -> None:
    nowhere = Settings(_env_file=None, database_url="postgresql://u:hunter2@127.0.0.1:9/b", secret_key=KEY)
    nowhere = nowhere.model_copy(update={"index_path": laptop.index_path})
    found = found_of(
        await diagnose_settings(nowhere.model_copy(update={"index_path": laptop.index_path}), PAGES), "database"
    )
    assert not found.ok
    assert "hunter2" not in found.found


@pytest.mark.parametrize(("commit", "ok"), [("abc1234", True), ("fff0000", False)])
async def test_an_index_older_than_the_book_is_wrong(laptop: Settings, tmp_path: Path, commit: str, ok: bool) -> None:
    await index_small_book(laptop.index_path, open_embedder())
    site = {"title": "Bees", "url": "https://bees.example", "baseUrl": "/", "locale": "en", "siteDir": "."}
    pages = tmp_path / "pages.json"
    pages.write_text(json.dumps({"version": 1, "site": site | {"commit": commit}, "chapters": [], "pages": []}))
    found = found_of(await diagnose_settings(laptop, pages), "book")
    assert found.ok is ok
    assert commit in found.found
    assert ok or f"booklight index {pages}" in str(found.remedy)


@pytest.mark.parametrize("development", ["false", "true"])
async def test_a_weak_secret_is_wrong(monkeypatch: pytest.MonkeyPatch, development: str) -> None:
    monkeypatch.setenv("BOOKLIGHT_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("BOOKLIGHT_DEVELOPMENT", development)
    (found,) = await diagnose(PAGES)
    assert (found.part, found.ok) == ("settings", False)
    assert found.found.startswith("BOOKLIGHT_SECRET_KEY has 40 characters, 1 of them different")
    assert "s" * 40 not in found.found


@pytest.mark.parametrize(("kept", "ok"), [(None, True), (KEY, True), ("", False), ("short", False), ("s" * 64, False)])
async def test_a_kept_secret_is_read_and_none_is_made(laptop: Settings, kept: str | None, ok: bool) -> None:
    file = key_file(laptop)
    file.parent.mkdir(parents=True, exist_ok=True)
    if kept is not None:
        file.write_text(kept)
    found = found_of(await diagnose_settings(laptop, PAGES), "secret")
    assert found.ok is ok
    assert str(file) in found.found
    assert file.exists() is (kept is not None)


async def test_the_model_is_asked_only_when_told_to(laptop: Settings) -> None:
    with serve_scripted_model() as model:
        settings = laptop.model_copy(update={"model": "openai:scripted", "model_base_url": model.base_url})
        assert found_of(await diagnose_settings(settings, PAGES), "model").ok
        assert model.requests == []
        diagnostics = await diagnose_settings(settings, PAGES, ask_model=True)
    assert found_of(diagnostics, "model").found.endswith("answers")
    assert "cited its passage" in found_of(diagnostics, "citations").found
    assert "searches by itself" in found_of(diagnostics, "search").found
    assert {"citations", "search", "model"}.isdisjoint(wrong_parts(diagnostics))
    assert len(model.requests) == 2


@pytest.mark.parametrize(
    ("script", "refusing", "part", "found", "remedy"),
    [
        (["500"] * 3, None, "model", "status 500", "server's log"),
        (["html"], None, "model", "a web page", "/v1"),
        (["only-thinks"], None, "model", "thinks", "MAX_OUTPUT_TOKENS"),
        (["empty"], None, "model", "no answer", "template"),
        (["error-first"], None, "model", "code=overloaded", "server's log"),
        (["uncited"], None, "citations", "without a citation", "follows instructions"),
        ([], "tool-flag", "search", "takes no tools", "--enable-auto-tool-choice"),
        ([], "no-tools", "search", "takes no tools", "BOOKLIGHT_TOOLS=off"),
        (["none", "uncited"], None, "search", "never searches", "BOOKLIGHT_TOOLS=off"),
        ([], "small", "model", "context of 512 tokens", "OLLAMA_CONTEXT_LENGTH"),
    ],
)
async def test_each_step_of_a_model_says_what_failed_and_what_to_set(
    laptop: Settings, script: list[str], refusing: str | None, part: str, found: str, remedy: str
) -> None:
    with serve_scripted_model() as model:
        model.script(*script)
        model.refusing = refusing
        reached = {"model_base_url": model.base_url, "model_api": "chat_completions", "model_silence_seconds": 5}
        settings = laptop.model_copy(update={"model": "openai:scripted", **reached})
        diagnostics = await ask_model(settings)
    told = found_of(diagnostics, part)
    assert not told.ok
    assert found in told.found
    assert remedy in str(told.remedy)


async def test_a_server_that_is_not_there_is_told_as_that(laptop: Settings) -> None:
    settings = laptop.model_copy(update={"model": "openai:m", "model_base_url": "http://127.0.0.1:9/v1"})
    (told,) = await ask_model(settings)
    assert "cannot be reached" in told.found
    assert "BOOKLIGHT_MODEL_BASE_URL" in str(told.remedy)


async def test_a_wrong_setting_is_the_one_thing_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOOKLIGHT_MODEL", "gpt")
    (diagnostic,) = await diagnose(PAGES)
    assert not diagnostic.ok
    assert "BOOKLIGHT_MODEL" in diagnostic.found


def test_diagnostics_are_lines_and_one_document() -> None:
    diagnostics = [Diagnostic("index", "4 chunks"), Diagnostic("disk", "no room", "make room")]
    assert diagnostic_lines(diagnostics) == [
        "ok     index      4 chunks",
        f"wrong  disk       no room\n{'':18}→ make room",
    ]
    document = diagnostics_document(diagnostics)
    assert document == {
        "ok": False,
        "diagnostics": [
            {"part": "index", "found": "4 chunks", "remedy": None, "ok": True},
            {"part": "disk", "found": "no room", "remedy": "make room", "ok": False},
        ],
    }
