"""What `booklight doctor` finds of who may ask and how often: the login, Redis, and the collector of spans."""

from pathlib import Path
from typing import Any

import pytest

from backend.tests.jwks_server import Key, serve_login
from backend.tests.otlp_collector import collect_spans
from backend.tests.redis_server import start_redis
from booklight.doctor.checks import diagnose_settings
from booklight.doctor.diagnostics import Diagnostic
from booklight.settings import Settings

LOGIN = {"jwt_issuer": "https://login.example/", "jwt_audience": "booklight"}


async def found(part: str, folder: Path, **settings: Any) -> Diagnostic:
    """Return what is found of a part of a set-up with these settings."""
    kept: dict[str, Any] = {"database_url": f"sqlite:///{folder}/b.db", "index_path": folder / "index"}
    diagnostics = await diagnose_settings(Settings(_env_file=None, **(kept | settings)), Path("no-pages.json"))
    return next(diagnostic for diagnostic in diagnostics if diagnostic.part == part)


async def test_a_login_whose_keys_are_there_is_well(tmp_path: Path) -> None:
    with serve_login(Key("one", "ES256"), Key("two", "ES256")) as login:
        alone = await found("login", tmp_path, **login.settings(), anonymous_readers=False)
        beside = await found("login", tmp_path, **login.settings())
    assert alone.ok
    assert "2 keys" in alone.found
    assert "nobody else may ask" in alone.found
    assert "anonymous readers may ask too" in beside.found


async def test_a_login_whose_keys_cannot_be_had_is_wrong(tmp_path: Path) -> None:
    with serve_login(Key("one", "ES256")) as login:
        login.status = 404
        missing = await found("login", tmp_path, **login.settings())
    away = await found("login", tmp_path, **LOGIN, jwt_jwks_url="http://127.0.0.1:9/keys")
    open_to_all = await found("login", tmp_path, **LOGIN, jwt_jwks_url="http://login.example/keys")
    assert "status 404" in missing.found
    assert "ConnectionRefusedError" in away.found
    for diagnostic in (missing, away, open_to_all):
        assert "BOOKLIGHT_JWT_JWKS_URL" in str(diagnostic.remedy)


async def test_connections_that_cannot_all_be_opened_are_wrong(tmp_path: Path) -> None:
    well = await found("connections", tmp_path, max_connections=1, max_connections_per_address=7)
    short = await found("connections", tmp_path, max_connections=10**19)
    assert well.ok
    assert "7 of an address" in well.found
    assert "BOOKLIGHT_MAX_CONNECTIONS, 10000000000000000000, needs" in short.found
    assert "ulimit -n" in str(short.remedy)


async def test_limits_in_memory_are_well_and_said_to_be_each_workers(tmp_path: Path) -> None:
    diagnostic = await found("limits", tmp_path)
    assert diagnostic.ok
    assert "BOOKLIGHT_REDIS_URL" in diagnostic.found


async def test_a_redis_that_answers_is_well_and_one_that_does_not_is_wrong(tmp_path: Path) -> None:
    with start_redis() as redis:
        well = await found("limits", tmp_path, redis_url=redis.url)
    away = await found("limits", tmp_path, redis_url="redis://:hunter2@127.0.0.1:9/0")
    assert well.ok
    assert "BOOKLIGHT_REDIS_URL" in str(away.remedy)
    assert "hunter2" not in str(away)


@pytest.mark.parametrize("status", [200, 401])
async def test_a_collector_is_asked_whether_it_takes_spans(status: int, tmp_path: Path) -> None:
    with collect_spans() as collector:
        collector.status = status
        diagnostic = await found("traces", tmp_path, otlp_endpoint=collector.url)
    assert diagnostic.ok is (status == 200)
    assert collector.asked == ["/v1/traces"]
    assert collector.spans == []
    assert diagnostic.ok or "status 401" in diagnostic.found


async def test_a_collector_that_is_away_is_wrong(tmp_path: Path) -> None:
    diagnostic = await found("traces", tmp_path, otlp_endpoint="http://127.0.0.1:9")
    assert "BOOKLIGHT_OTLP_ENDPOINT" in str(diagnostic.remedy)
