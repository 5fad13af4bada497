"""Secrets: nowhere printed, never weak, and kept where nobody else reads them."""

import json
import logging
import os
import stat
from pathlib import Path

import jwt
import pytest

from backend.tests.key import KEY
from backend.tests.samples import sample_thread
from booklight.auth.secret import load_secret
from booklight.auth.tokens import ALGORITHM, Tokens
from booklight.cli.console import print_note
from booklight.context import RequestContext
from booklight.doctor.checks import diagnose_settings
from booklight.doctor.diagnostics import diagnostic_lines, diagnostics_document
from booklight.errors import Unauthorized
from booklight.ops.logging import JsonLines, TextLines
from booklight.settings import Settings, SettingsError, load_settings
from booklight.store.threads import open_store
from booklight_ingest.passwords import mask_passwords

NOWHERE = "ann:hunter2@127.0.0.1:1"
URLS = {
    "database_url": f"postgresql://{NOWHERE}/b",
    "qdrant_url": (f"http://{NOWHERE}",),
    "model_base_url": f"http://{NOWHERE}/v1",
    "embedding_base_url": f"http://{NOWHERE}/v1",
    "redis_url": f"redis://{NOWHERE}/0",
    "otlp_endpoint": f"http://{NOWHERE}",
    "jwt_jwks_url": f"http://{NOWHERE}/jwks",
}


@pytest.mark.parametrize("name", URLS)
async def test_no_password_of_a_url_is_in_what_doctor_says(name: str, tmp_path: Path) -> None:
    given = {
        "database_url": f"sqlite:///{tmp_path}/b.db",
        "model": "openai:m" if name == "model_base_url" else "extractive",
        "embedding": "openai:m" if name == "embedding_base_url" else "none",
        "jwt_issuer": "i" if name == "jwt_jwks_url" else None,
        "jwt_audience": "a" if name == "jwt_jwks_url" else None,
    }
    settings = Settings(_env_file=None, secret_key=KEY, index_path=tmp_path / "i", **given | {name: URLS[name]})  # type: ignore[arg-type]
    said = await diagnose_settings(settings, tmp_path / "pages.json", ask_model=True)
    told = "\n".join([*diagnostic_lines(said), json.dumps(diagnostics_document(said)), repr(settings), str(settings)])
    assert len(said) > 5
    assert "hunter2" not in told


@pytest.mark.parametrize("name", ["BOOK_BASE_URL", "BOOKLIGHT_OTLP_ENDPOINT", "BOOKLIGHT_JWT_JWKS_URL"])
def test_no_password_is_in_what_is_said_of_a_wrong_value(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, f"ftp://{NOWHERE}/")
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert name in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_a_book_s_address_with_a_password_is_refused_as_readers_would_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOK_BASE_URL", "https://ann:hunter2@book.example/")
    with pytest.raises(SettingsError, match="without a user and a password"):
        load_settings()


@pytest.mark.parametrize("formatter", [TextLines(tracebacks=True), JsonLines(tracebacks=True)])
def test_no_password_is_in_the_log(formatter: logging.Formatter) -> None:
    failure = ConnectionError(f"no answer from http://{NOWHERE}/v1")
    record = logging.makeLogRecord({"msg": f"asked https://{NOWHERE}", "failure": failure})
    line = formatter.format(record)
    assert line.count("***@127.0.0.1") == 2
    assert "hunter2" not in line


def test_no_password_is_in_what_a_command_says(capsys: pytest.CaptureFixture[str]) -> None:
    print_note(f"booklight: the embeddings at http://{NOWHERE}/v1 cannot be had")
    assert "hunter2" not in capsys.readouterr().err


@pytest.mark.parametrize("url", ["https://book.example/a@b", "mailto:ann@example.org", "http://[::1]:80/?q=a@b"])
def test_what_is_no_password_stays(url: str) -> None:
    assert mask_passwords(url) == url


def own_key(folder: Path) -> Settings:
    return Settings(_env_file=None, database_url=f"sqlite:///{folder}/kept/b.db")


@pytest.mark.parametrize("kept", ["", "short", "a" * 64, "change-me" * 8])
def test_a_key_file_that_booklight_did_not_make_never_serves(tmp_path: Path, kept: str) -> None:
    file = tmp_path / "kept/secret.key"
    file.parent.mkdir()
    file.write_text(kept)
    with pytest.raises(SettingsError, match=r"secret.key holds no key that Booklight made: remove it"):
        load_secret(own_key(tmp_path))


def test_a_key_file_is_kept_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(SettingsError, match=r"cannot be kept in .*secret.key \(No space left on device\)"):
            load_secret(own_key(tmp_path))
    assert list((tmp_path / "kept").iterdir()) == []
    assert load_secret(own_key(tmp_path)) == load_secret(own_key(tmp_path))
    assert mode(tmp_path / "kept") == 0o700
    assert mode(tmp_path / "kept/secret.key") == 0o600


async def test_the_database_and_a_folder_made_for_it_are_the_users_alone(tmp_path: Path) -> None:
    file = tmp_path / "kept/b.db"
    store = await open_store(f"sqlite:///{file}")
    await store.save_thread(sample_thread(), RequestContext(owner="reader:1"))
    modes = {beside.name: mode(beside) for beside in file.parent.iterdir()}
    await store.close()
    assert mode(file.parent) == 0o700
    assert modes.keys() >= {"b.db", "b.db-wal"}
    assert set(modes.values()) == {0o600}
    file.chmod(0o644)
    await (await open_store(f"sqlite:///{file}")).close()
    assert mode(file) == 0o600


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_session_token_cannot_name_a_reader_who_signed_in() -> None:
    tokens, key = Tokens(b"k" * 32), b"k" * 32
    own = jwt.decode(tokens.renew(None).token, key, algorithms=[ALGORITHM], issuer="booklight")
    assert own["sub"].startswith("reader:")
    forged = f"Bearer {jwt.encode({**own, 'sub': 'login:ann'}, key, algorithm=ALGORITHM)}"
    for use in (tokens.identify, tokens.renew):
        with pytest.raises(Unauthorized):
            use(forged)
