"""Settings of who may ask: a login is named whole, its keys can be public, and what is wrong is said in one line."""

from pathlib import Path

import pytest

from booklight.settings import SettingsError, load_settings

LOGIN = {
    "BOOKLIGHT_JWT_ISSUER": "https://login.example/",
    "BOOKLIGHT_JWT_AUDIENCE": "booklight",
    "BOOKLIGHT_JWT_JWKS_URL": "https://login.example/keys",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder without a `.env`."""
    monkeypatch.chdir(tmp_path)


def test_a_login_is_read_with_the_algorithms_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in LOGIN.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("BOOKLIGHT_JWT_ALGORITHMS", "ES256, EdDSA")
    monkeypatch.setenv("BOOKLIGHT_ANONYMOUS_READERS", "false")
    settings = load_settings()
    assert settings.jwt_algorithms == ("ES256", "EdDSA")
    assert not settings.anonymous_readers


@pytest.mark.parametrize("missing", LOGIN)
def test_a_login_that_lacks_something_is_refused_and_what_it_lacks_is_named(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for variable in LOGIN.keys() - {missing}:
        monkeypatch.setenv(variable, LOGIN[variable])
    with pytest.raises(SettingsError, match=f"{missing} must be set too"):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("BOOKLIGHT_JWT_ALGORITHMS", "HS256", "BOOKLIGHT_JWT_ALGORITHMS"),
        ("BOOKLIGHT_JWT_ALGORITHMS", "RS256,none", "give some of RS256"),
        ("BOOKLIGHT_JWT_ALGORITHMS", ",", "BOOKLIGHT_JWT_ALGORITHMS"),
        ("BOOKLIGHT_JWT_JWKS_URL", "file:///etc/passwd", "give an http"),
        ("BOOKLIGHT_JWT_LEEWAY_SECONDS", "3600", "BOOKLIGHT_JWT_LEEWAY_SECONDS"),
        ("BOOKLIGHT_ANONYMOUS_READERS", "false", "nobody may ask"),
        ("BOOKLIGHT_REDIS_URL", "memcached://hunter2", "give redis://"),
        ("BOOKLIGHT_OTLP_ENDPOINT", "collector:4317", "give an http"),
        ("BOOKLIGHT_LOG_FORMAT", "xml", "BOOKLIGHT_LOG_FORMAT"),
    ],
)
def test_what_is_wrong_is_one_line(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=said) as refused:
        load_settings()
    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)
