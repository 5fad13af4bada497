"""Secrets that stand in an example are refused outside development, in one line that names the variable."""

import re
from pathlib import Path

import pytest

from booklight.auth.known_secrets import is_example, url_password
from booklight.settings import Settings, SettingsError, load_settings

ROOT = Path(__file__).resolve().parents[2]
SHOWN = (
    ROOT / "README.md",
    ROOT / "compose.yaml",
    *sorted((ROOT / "book/docs").rglob("*.mdx")),
    *(ROOT / "deploy").iterdir(),
)
SECRET_LINE = re.compile(r"^\s*(?:export )?((?:BOOKLIGHT_)?(?:\w+_KEY|DATABASE_URL))[=:] ?(\S.*)$", re.M)
LONG = "x7Kq0v-3mWz8Jp1LtR5sYb2NcE6dHg9FaU4iOoQe"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder without a `.env`."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BOOKLIGHT_SECRET_KEY", "at least 32 random characters"),
        ("BOOKLIGHT_QDRANT_API_KEY", "change-me"),
        ("OPENAI_API_KEY", "sk-…"),
        ("BOOKLIGHT_DATABASE_URL", "postgresql://booklight:password@db.example.com/booklight"),
        ("BOOKLIGHT_REDIS_URL", "redis://:change-me@redis.example.com:6379/0"),
    ],
)
def test_an_example_secret_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv("BOOKLIGHT_SECRET_KEY", LONG)
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert variable in str(refused.value)
    assert value not in str(refused.value)
    assert "\n" not in str(refused.value)
    monkeypatch.setenv("BOOKLIGHT_DEVELOPMENT", "true")
    assert load_settings().development


def test_secrets_of_ones_own_are_accepted() -> None:
    url = f"postgresql://booklight:{LONG}@db.example.com/booklight"
    assert Settings(_env_file=None, database_url=url, secret_key=LONG).secret_key is not None


def test_every_secret_in_the_handbook_is_known_as_an_example() -> None:
    shown = [(path, *found) for path in SHOWN for found in SECRET_LINE.findall(path.read_text())]
    assert shown
    accepted = [
        f"{path.relative_to(ROOT)}: {name}={value}"
        for path, name, value in shown
        if (secret := url_password(value) if name.endswith("URL") else value) and not is_example(secret)
    ]
    # What is taken from elsewhere is no secret in itself.
    assert [line for line in accepted if "${" not in line and "$(" not in line] == []
