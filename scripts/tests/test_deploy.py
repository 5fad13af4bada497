"""The deployment examples, as far as they can be judged without Docker, a proxy or systemd: what they say of ours."""

import configparser
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
import yaml

from booklight import timing
from booklight.serving import serve_app
from booklight.settings import Settings
from steps import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
NGINX = (ROOT / "deploy/nginx.conf").read_text()
CADDY = (ROOT / "deploy/Caddyfile").read_text()
KNOWN = {f"BOOKLIGHT_{name.upper()}" for name in Settings.model_fields} | {"OPENAI_API_KEY"}
SECRETS = ("PASSWORD", "SECRET_KEY", "QDRANT_API_KEY", "QDRANT__SERVICE__API_KEY")
STOPPING_SECONDS = Settings.model_fields["grace_seconds"].default + timing.SHUTDOWN_SECONDS


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """compose.yaml, read."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return document


def test_compose_names_settings_that_exist(compose: dict[str, Any]) -> None:
    names = set(compose["services"]["booklight"]["environment"])
    assert names <= KNOWN


def test_compose_has_no_password_of_its_own(compose: dict[str, Any]) -> None:
    environments = [one.get("environment", {}) for one in compose["services"].values()]
    given = [(name, value) for environment in environments for name, value in environment.items()]
    secret = [value for name, value in given if name.endswith(SECRETS)]
    assert len(secret) == 4
    assert all(re.fullmatch(r"\$\{\w+:\?[^}]+\}", value) for value in secret)
    url = dict(given)["BOOKLIGHT_DATABASE_URL"]
    assert re.fullmatch(r"postgresql://booklight:\$\{POSTGRES_PASSWORD:\?[^}]+\}@postgres/booklight", url)


def test_compose_waits_for_parts_that_say_they_are_well(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, condition in services["booklight"]["depends_on"].items():
        assert condition == {"condition": "service_healthy"}
        assert services[name]["healthcheck"]["test"][0] == "CMD"
        assert re.search(r":v?\d", services[name]["image"])
    mounted = {volume.split(":")[0] for one in services.values() for volume in one.get("volumes", [])}
    assert mounted == set(compose["volumes"])


def test_the_cluster_is_of_three_nodes_that_find_each_other_and_are_all_asked(compose: dict[str, Any]) -> None:
    cluster = yaml.safe_load((ROOT / "deploy/compose.cluster.yaml").read_text())
    nodes = {name: one for name, one in cluster["services"].items() if name.startswith("qdrant")}
    addresses = cluster["services"]["booklight"]["environment"]["BOOKLIGHT_QDRANT_URL"]
    assert addresses.split(",") == [f"http://{name}:6333" for name in nodes]
    for name, node in nodes.items():
        command = node["command"]
        assert command[command.index("--uri") + 1] == f"http://{name}:6335"
        assert "--bootstrap" not in command or command[command.index("--bootstrap") + 1] == "http://qdrant:6335"
        assert node["environment"]["QDRANT__CLUSTER__ENABLED"] == "true"
        assert node.get("image", compose["services"]["qdrant"]["image"]) == compose["services"]["qdrant"]["image"]
    assert sum("--bootstrap" in node["command"] for node in nodes.values()) == len(nodes) - 1 == 2


def test_compose_runs_the_sidecar_without_rights_and_lets_it_end(compose: dict[str, Any]) -> None:
    sidecar = compose["services"]["booklight"]
    assert sidecar["read_only"] is True
    assert sidecar["cap_drop"] == ["ALL"]
    assert sidecar["init"] is True
    assert all(port.startswith("127.0.0.1:") for port in sidecar["ports"])
    assert int(sidecar["stop_grace_period"].removesuffix("s")) > STOPPING_SECONDS
    assert_serves(sidecar["command"])


def assert_serves(command: list[str]) -> None:
    """Check that `command` is `serve` with options that it has."""
    assert command[0] == "serve"
    options = {part.removeprefix("--") for part in command if part.startswith("--")}
    assert options <= set(inspect.signature(serve_app).parameters)


def test_the_image_copies_what_is_there_and_is_let_in() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert "*" in lines
    assert "**/.env" in lines
    sources = [
        source for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M) for source in line.split()[:-1]
    ]
    assert sources
    for source in sources:
        assert (ROOT / source).exists()
        assert {source, source.split("/")[0]} & let_in


def test_the_image_runs_as_nobody_in_particular_from_stages_that_exist() -> None:
    stages = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.M)
    names = {name for _, name in stages}
    assert {"sidecar", "with-book"} <= names
    assert set(re.findall(r"--from=(\S+)", DOCKERFILE)) <= names
    assert all(base in names or re.search(r":\d", base) for base, _ in stages)
    assert re.findall(r"^USER (\d+)$", DOCKERFILE, re.M) == ["10001"]
    for command in re.findall(r'^CMD (\["serve".*\])$', DOCKERFILE, re.M):
        assert_serves(json.loads(command))
    assert set(re.findall(r"BOOKLIGHT_\w+", DOCKERFILE)) - KNOWN == {"BOOKLIGHT_COMMIT"}


def test_the_commit_is_given_to_the_stage_that_writes_it_into_the_book(compose: dict[str, Any]) -> None:
    build = DOCKERFILE.partition("AS book")[2].partition("npm run build")[0]
    assert "ARG BOOKLIGHT_COMMIT" in build
    assert "ENV BOOKLIGHT_COMMIT=$BOOKLIGHT_COMMIT" in build
    assert compose["services"]["booklight"]["build"]["args"] == {"BOOKLIGHT_COMMIT": "${BOOKLIGHT_COMMIT:-}"}
    assert "environment.BOOKLIGHT_COMMIT" in (ROOT / "site-plugin/src/build.ts").read_text()


@pytest.mark.parametrize("name", ["Dockerfile", "action.yml", "book/docs/05-operating/07-deploy.mdx"])
def test_booklight_is_built_with_what_the_locks_pin_alone(name: str) -> None:
    text = (ROOT / name).read_text()
    commands = re.findall(r"pip\"? (?:install|wheel)\b[^&\n]*", text)
    assert commands
    for command in commands:
        assert "--require-hashes" in command or "--no-deps" in command
        assert "--require-hashes" in command or "--no-build-isolation" in command or "--no-index" in command
    assert "requirements.lock" in text
    assert "requirements-build.lock" in text


@pytest.fixture
def health() -> Iterator[list[str]]:
    """The image's health check, asking a server of the test's own; and what that was asked."""
    (check,) = re.findall(r"^HEALTHCHECK .*\\\n\s+CMD (\[.*\])$", DOCKERFILE, re.M)
    asked: list[str] = []

    class Healthy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200 if self.path == "/assistant/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield [part.replace("8000", str(server.server_port)) for part in json.loads(check)]
        server.shutdown()
        thread.join()
    assert asked == ["/assistant/health"]


def test_the_health_check_passes_when_the_sidecar_is_there_and_fails_when_not(health: list[str]) -> None:
    behind_a_proxy = {**os.environ, "http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}
    assert subprocess.run([sys.executable, *health[1:]], check=False, env=behind_a_proxy).returncode == 0
    nobody = [re.sub(r":\d+/", ":1/", part) for part in health[1:]]
    assert subprocess.run([sys.executable, *nobody], check=False, stderr=subprocess.DEVNULL).returncode != 0


def nginx_block(name: str) -> dict[str, str]:
    """Return the directives of a block of nginx.conf that has no blocks inside."""
    (body,) = re.findall(re.escape(name) + r" \{([^{}]*)\}", NGINX)
    lines = [line.strip() for line in body.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert all(line.endswith(";") for line in lines)
    return dict(line.removesuffix(";").split(" ", 1) for line in lines)


def test_nginx_streams() -> None:
    assert NGINX.count("{") == NGINX.count("}")
    said = {line.split()[0]: line for line in nginx_block("location /assistant/")}
    block = nginx_block("location /assistant/")
    assert said.keys() >= {"proxy_pass", "proxy_http_version", "proxy_next_upstream"}
    assert (block["proxy_buffering"], block["gzip"]) == ("off", "off")
    assert int(block["proxy_read_timeout"].removesuffix("s")) >= 120
    assert block["proxy_pass"] == "http://booklight"
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    assert nginx_block("upstream booklight")["server"] == "127.0.0.1:8000"


def test_a_proxy_passes_nothing_on_but_the_assistant() -> None:
    # So that /metrics is not public.
    assert (NGINX.count("proxy_pass "), CADDY.count("reverse_proxy ")) == (1, 1)


def test_caddy_streams() -> None:
    assert CADDY.count("{") == CADDY.count("}")
    (proxy,) = re.findall(r"handle /assistant/\* \{(.*?)\n\t\}", CADDY, re.S)
    assert "reverse_proxy 127.0.0.1:8000" in proxy
    assert re.search(r"^\s*flush_interval -1$", proxy, re.M)
    assert int(re.findall(r"read_timeout (\d+)s", proxy)[0]) >= 120


def test_the_unit_is_hardened_and_lets_answers_end() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[method-assign, assignment]
    unit.read(ROOT / "deploy/booklight.service")
    service = unit["Service"]
    for name in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "PrivateDevices"):
        assert service[name] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["User"] != "root"
    assert int(service["TimeoutStopSec"]) > STOPPING_SECONDS
    assert_serves(service["ExecStart"].split()[1:])
