"""The key that signs tokens: a weak one always stops the start, in one line that says how to make one."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from backend.tests.key import KEY
from booklight.auth.secret import load_secret
from booklight.key_strength import MAKE_KEY, is_strong
from booklight.settings import Settings, SettingsError, load_settings

ROOT = Path(__file__).resolve().parents[2]
SHOWN = (
    ROOT / "README.md",
    ROOT / "compose.yaml",
    *sorted((ROOT / "book/docs").rglob("*.mdx")),
    *(ROOT / "deploy").iterdir(),
)
KEY_LINE = re.compile(r"^\s*(?:export )?BOOKLIGHT_SECRET_KEY[=:] ?(\S.*)$", re.M)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder without a `.env`."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("development", ["false", "true"])
@pytest.mark.parametrize("name", ["BOOKLIGHT_SECRET_KEY", "BOOKLIGHT_INSIGHTS_KEY"])
@pytest.mark.parametrize("weak", [" " * 60, "change-me", "at least 32 random characters", "s" * 40, KEY[:31]])
@pytest.mark.parametrize("source", ["environment", ".env"])
def test_a_weak_key_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, weak: str, name: str, development: str, source: str
) -> None:
    if source == ".env":
        (tmp_path / ".env").write_text(f'{name}="{weak}"\n')
    else:
        monkeypatch.setenv(name, weak)
    monkeypatch.setenv("BOOKLIGHT_DEVELOPMENT", development)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    said = str(refused.value)
    assert said.startswith(f"{name} has ")
    assert MAKE_KEY in said
    assert weak not in said
    assert "\n" not in said


@pytest.mark.parametrize("development", ["false", "true"])
def test_an_empty_key_is_none_and_one_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, development: str
) -> None:
    monkeypatch.setenv("BOOKLIGHT_SECRET_KEY", "")
    monkeypatch.setenv("BOOKLIGHT_DEVELOPMENT", development)
    assert len(load_secret(load_settings())) == 32
    assert is_strong((tmp_path / ".booklight/secret.key").read_text())
    with pytest.raises(ValueError, match="BOOKLIGHT_SECRET_KEY has 0 characters"):
        Settings(_env_file=None, secret_key="")


def test_a_key_of_ones_own_is_accepted_whatever_the_databases_password() -> None:
    url = "postgresql://booklight:short@db.example.com/booklight"
    assert Settings(_env_file=None, database_url=url, secret_key=KEY).secret_key is not None


def test_what_the_command_prints_is_strong() -> None:
    _, _, program = MAKE_KEY.partition(" -c ")
    printed = subprocess.run([sys.executable, "-c", program.strip('"')], check=True, capture_output=True, text=True)
    assert is_strong(printed.stdout.strip())


def test_no_key_that_the_handbook_shows_is_accepted() -> None:
    shown = [key for path in SHOWN for key in KEY_LINE.findall(path.read_text())]
    assert len(shown) >= 4
    # What is taken from elsewhere is no key in itself.
    assert [key for key in shown if "${" not in key and "$(" not in key and is_strong(key)] == []
