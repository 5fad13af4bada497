"""Tokens and the secret that signs them."""

import stat
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from backend.tests.key import KEY
from booklight.auth import tokens as tokens_module
from booklight.auth.secret import load_secret
from booklight.auth.tokens import Tokens
from booklight.errors import Unauthorized
from booklight.settings import Settings

SECRET = b"s" * 32


def bearer(token: str) -> str:
    return f"Bearer {token}"


def expired_token(ago: timedelta) -> str:
    """Return a token whose time ended so long ago."""
    with patch.object(tokens_module, "LIFETIME", -ago):
        return Tokens(SECRET).renew(None).token


def test_a_token_names_one_reader() -> None:
    tokens = Tokens(SECRET)
    first, second = tokens.renew(None), tokens.renew(None)
    assert tokens.identify(bearer(first.token)) == tokens.identify(f"bearer {first.token}")
    assert tokens.identify(bearer(first.token)) != tokens.identify(bearer(second.token))


def test_the_token_wins_over_a_session_id() -> None:
    tokens = Tokens(SECRET)
    token = bearer(tokens.renew(None).token)
    assert tokens.identify(token, "s" * 32) == tokens.identify(token)


def test_a_session_id_is_no_tokens_reader_and_is_not_kept_as_it_is() -> None:
    tokens = Tokens(SECRET)
    reader = tokens.identify(bearer(tokens.renew(None).token)).id
    assert tokens.identify(None, reader).id != reader
    assert "s" * 32 not in tokens.identify(None, "s" * 32).id
    assert tokens.identify(None, "s" * 32).token is None


def test_whoever_brings_nothing_is_new_and_gets_a_token() -> None:
    tokens = Tokens(SECRET)
    reader, other = tokens.identify(None), tokens.identify(None)
    assert reader.token is not None
    assert tokens.identify(bearer(reader.token)).id == reader.id != other.id


def test_an_expired_token_is_refused_but_renews_its_reader_for_a_while() -> None:
    tokens = Tokens(SECRET)
    with patch.object(tokens_module, "LIFETIME", timedelta(days=-1)):
        old = Tokens(SECRET).identify(None)
    assert old.token is not None
    with pytest.raises(Unauthorized):
        tokens.identify(bearer(old.token))
    assert tokens.identify(bearer(tokens.renew(bearer(old.token)).token)).id == old.id


def test_a_token_that_expired_long_ago_renews_nobody() -> None:
    with pytest.raises(Unauthorized):
        Tokens(SECRET).renew(bearer(expired_token(timedelta(days=91))))


def test_another_servers_token_is_refused() -> None:
    token = Tokens(b"t" * 32).renew(None).token
    with pytest.raises(Unauthorized):
        Tokens(SECRET).identify(bearer(token))


def test_the_secret_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/kept/booklight.db")
    first, second = load_secret(settings), load_secret(settings)
    (file,) = (tmp_path / "kept").iterdir()
    assert first == second
    assert len(first) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_operators_secret_leaves_nothing_behind(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/kept/booklight.db"
    one = load_secret(Settings(_env_file=None, database_url=url, secret_key=f"{KEY}1"))
    two = load_secret(Settings(_env_file=None, database_url=url, secret_key=f"{KEY}2"))
    assert one != two
    assert list(tmp_path.iterdir()) == []
