"""The deployment chapter of the handbook: its commands for systemd, run in its order below a folder of the test's own.

Postgres, Redis, Booklight and its workers are real. What changes the machine itself (packages, users, systemd) is stood
in for by scripts that come first on the PATH; the one for systemctl starts what the unit says, with its settings alone.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.tests.postgres import Postgres, start_postgres
from backend.tests.redis_server import RedisServer, start_redis
from steps import ROOT

CHAPTER = (ROOT / "book/docs/05-operating/07-deploy.mdx").read_text()
EXAMPLE = (ROOT / "deploy/booklight.env").read_text()
PLACES = ("/opt/booklight", "/etc/booklight", "/etc/systemd", "/var/lib/booklight", "/srv/book")
PASSWORD = "x7Kq0v-3mWz8Jp1LtR5s"
LOGGED_WITHIN = 10
STAND_INS = {
    "apt-get": "",
    "useradd": "",
    "python3": "",
    "journalctl": 'cat "$BELOW/log"',
    "runuser": 'shift 3; exec "$@"',
    "install": """
given=()
for one in "$@"; do [ "$one" = booklight ] && one=$(id -u); given+=("$one"); done
exec /usr/bin/install "${given[@]}"
""",
    "nano": 'cp "$BELOW/edited.env" "$1"',
    "systemctl": """
[ "$1" = enable ] || exit 0
cd "$BELOW/var/lib/booklight"
command=$(sed -n "s#^ExecStart=#$BELOW#p" "$BELOW/etc/systemd/system/booklight.service")
env -i PATH="$PATH" $(grep -v '^#' "$BELOW/etc/booklight/booklight.env") ${command/8000/$PORT} >"$BELOW/log" 2>&1 &
echo $! >"$BELOW/pid"
""",
    # A machine may have no curl.
    "curl": f"""
[ -x /usr/bin/curl ] && exec /usr/bin/curl "$@"
exec {sys.executable} - "$@" <<'END'
import sys, time, urllib.error, urllib.request
data = sys.argv[sys.argv.index("--data") + 1].encode() if "--data" in sys.argv else None
for _ in range(30):
    try:
        sys.exit(print(urllib.request.urlopen(sys.argv[-1], data).read().decode()))
    except urllib.error.URLError:
        time.sleep(1)
sys.exit("no answer")
END
""",
}


@dataclass
class Machine:
    """Where the chapter is tried: a folder that stands for the root, and what runs beside it."""

    below: Path
    port: int
    postgres: Postgres
    redis: RedisServer

    def environment(self) -> dict[str, str]:
        """Return the environment of an operator's shell."""
        path = f"{self.below}/stand-ins:{self.postgres.binaries}:/usr/bin:/bin"
        known = {"PATH": path, "BELOW": str(self.below), "PORT": str(self.port), "HOME": str(self.below)}
        return known | {"PGHOST": str(self.postgres.folder), "PGUSER": "postgres", "EDITOR": "nano"}

    def run(self, command: str) -> str:
        """Run a command as the chapter has it, with its places and its port below this folder."""
        for place in PLACES:
            command = command.replace(place, f"{self.below}{place}")
        shell = ["bash", "-e", "-c", command.replace(":8000", f":{self.port}")]
        # Without a terminal, the password is read from standard input.
        done = subprocess.run(
            shell,
            cwd=ROOT,
            env=self.environment(),
            input=f"{PASSWORD}\n" * 2,
            capture_output=True,
            text=True,
            start_new_session=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def end_service(self) -> None:
        """End what systemctl started, as systemd would."""
        if (self.below / "pid").exists():
            os.kill(int((self.below / "pid").read_text()), signal.SIGTERM)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine with nothing on it but a built book."""
    with start_postgres() as postgres, start_redis() as redis, socket.create_server(("127.0.0.1", 0)) as free:
        made = Machine(tmp_path, free.getsockname()[1], postgres, redis)
        free.close()
        write_stand_ins(made)
        write_book(tmp_path / "srv/book")
        (tmp_path / "etc/systemd/system").mkdir(parents=True)
        (tmp_path / "edited.env").write_text(edited_settings(made))
        yield made
        made.end_service()


def write_stand_ins(machine: Machine) -> None:
    """Write the stand-ins, and Booklight as pip would have installed it."""
    (machine.below / "stand-ins").mkdir()
    for name, script in STAND_INS.items():
        write_script(machine.below / "stand-ins" / name, script)
    bin_folder = machine.below / "opt/booklight/bin"
    bin_folder.mkdir(parents=True)
    write_script(bin_folder / "pip", "")
    write_script(bin_folder / "booklight", f'exec "{Path(sys.executable).with_name("booklight")}" "$@"')


def write_script(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(0o755)


def write_book(folder: Path) -> None:
    """Write a book of one page, as Docusaurus and the plugin leave it."""
    (folder / "docs").mkdir(parents=True)
    (folder / "docs/queen.mdx").write_text("# The queen\n\nThe queen lays up to two thousand eggs a day.\n")
    site = {"title": "Bees", "url": "https://bees.example", "baseUrl": "/", "locale": "en", "siteDir": "../.."}
    page = {"path": "/docs/queen", "source": "docs/queen.mdx", "title": "The queen", "breadcrumbs": []}
    (folder / "build/booklight").mkdir(parents=True)
    book = {"version": 1, "site": site, "chapters": [], "pages": [page | {"docsVersion": "current", "locale": "en"}]}
    (folder / "build/booklight/pages.json").write_text(json.dumps(book))


def edited_settings(machine: Machine) -> str:
    """Return the example's settings as an operator would fill them in."""
    values = {
        "BOOKLIGHT_DATABASE_URL": f"postgresql://booklight:{PASSWORD}@/booklight?host={machine.postgres.folder}",
        "BOOKLIGHT_SECRET_KEY": "x7Kq0v-3mWz8Jp1LtR5sYb2NcE6dHg9FaU4iOoQe",
        "BOOKLIGHT_INDEX_PATH": f"{machine.below}/var/lib/booklight/index",
        "BOOKLIGHT_REDIS_URL": machine.redis.url,
    }
    return re.sub(r"^(\w+)=(.*)$", lambda line: f"{line[1]}={values.get(line[1], line[2])}", EXAMPLE, flags=re.M)


def commands_of(section: str) -> list[str]:
    """Return the commands of a section, one a line, but for a line that sets what the next ones need."""
    (text,) = re.findall(rf"^## [^\n]*{{#{section}}}\n(.*?)(?=^## )", CHAPTER, re.M | re.S)
    lines = [line for block in re.findall(r"^```bash\n(.*?)^```", text, re.M | re.S) for line in block.splitlines()]
    joined: list[str] = []
    for line in lines:
        setting = next((before for before in joined if before.startswith("set -a")), "")
        joined.append(f"{setting}\n{line}" if setting and "booklight " in line and "runuser" in line else line)
    return joined


def test_the_chapter_takes_an_operator_from_nothing_to_an_answer(machine: Machine) -> None:
    said = {command.splitlines()[-1]: machine.run(command) for command in commands_of("systemd")}
    (doctor,) = [text for command, text in said.items() if " doctor " in command]
    (ready,) = [text for command, text in said.items() if "/ready" in command]
    (answer,) = [text for command, text in said.items() if "--data" in command]
    (journal,) = [command for command in said if "journalctl" in command]
    assert "wrong" not in doctor
    assert "Redis answers" in doctor
    assert json.loads(ready)["ready"] is True
    assert "event: done" in answer
    # An answer is logged once it has been sent, so that who asked may be first to look.
    deadline = time.monotonic() + LOGGED_WITHIN
    while not tells_of_an_answer(machine.run(journal)):
        assert time.monotonic() < deadline, "the answer is not in the log"


def tells_of_an_answer(log: str) -> bool:
    """Say whether a request to the simple API that succeeded is in a log."""
    requests = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return any({"kind": "simple", "status": 200}.items() <= request.items() for request in requests)


def test_the_settings_of_the_chapter_are_those_of_the_example() -> None:
    (shown,) = re.findall(r'```ini title="/etc/booklight/booklight.env"\n(.*?)```', CHAPTER, re.S)
    assert shown.splitlines() == [line for line in EXAMPLE.splitlines() if not line.startswith("#")]


def test_files_that_the_chapter_names_are_there() -> None:
    named = set(re.findall(r"(?:deploy/[\w.]+|compose\.yaml|Dockerfile|requirements\.lock)", CHAPTER))
    assert {"deploy/booklight.service", "deploy/nginx.conf", "deploy/Caddyfile", "deploy/booklight.env"} <= named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
