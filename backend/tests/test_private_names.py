"""The private names of libraries that our code uses: no others than these, of versions that are pinned exactly."""

import ast
import importlib
import inspect
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from agents import OpenAIChatCompletionsModel, OpenAIResponsesModel
from chatkit.server import ChatKitServer
from openai import AsyncOpenAI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors import Multiprocess

import booklight
import booklight_ingest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "book/docs/06-reference/06-architecture.mdx"
PACKAGES = (booklight, booklight_ingest)
# Documented, though they begin with an underscore.
NAMED_TUPLE = {"_asdict", "_fields", "_make", "_replace"}

ASKED = ["self", "system_instructions", "input", "model_settings", "tools", "output_schema", "handoffs"]
PARAMETERS: dict[tuple[str, type, str], list[str]] = {
    ("openai-chatkit", ChatKitServer, "_process_streaming_impl"): ["self", "request", "context"],
    ("openai-chatkit", ChatKitServer, "_process_events"): ["self", "thread", "context", "stream"],
    ("openai-chatkit", ChatKitServer, "_process_non_streaming"): ["self", "request", "context"],
    ("openai-chatkit", ChatKitServer, "_serialize"): ["self", "obj"],
    ("openai", AsyncOpenAI, "_process_response_data"): ["self", "cast_to", "data", "response"],
    ("openai-agents", OpenAIResponsesModel, "_build_response_create_kwargs"): [
        *ASKED,
        "previous_response_id",
        "conversation_id",
        "stream",
        "prompt",
    ],
    ("openai-agents", OpenAIResponsesModel, "_get_client"): ["self"],
    ("openai-agents", OpenAIResponsesModel, "_uses_official_openai_endpoint"): ["self"],
    ("openai-agents", OpenAIChatCompletionsModel, "_fetch_response"): [*ASKED, "span", "tracing", "stream", "prompt"],
    # Without an underscore, and in no documentation.
    ("uvicorn", Multiprocess, "keep_subprocess_alive"): ["self"],
    ("uvicorn", Multiprocess, "terminate_all"): ["self"],
    ("uvicorn", HttpToolsProtocol, "connection_made"): ["self", "transport"],
    ("uvicorn", HttpToolsProtocol, "connection_lost"): ["self", "exc"],
    ("uvicorn", HttpToolsProtocol, "data_received"): ["self", "data"],
    ("uvicorn", HttpToolsProtocol, "on_message_begin"): ["self"],
    ("uvicorn", HttpToolsProtocol, "on_header"): ["self", "name", "value"],
    ("uvicorn", HttpToolsProtocol, "on_headers_complete"): ["self"],
    ("uvicorn", HttpToolsProtocol, "on_body"): ["self", "body"],
    ("uvicorn", HttpToolsProtocol, "on_message_complete"): ["self"],
    ("uvicorn", HttpToolsProtocol, "send_400_response"): ["self", "msg"],
}
"""What each takes, by its distribution, its class and its name."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__") and name not in NAMED_TUPLE


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            spec = importlib.util.find_spec(module.name)
            assert spec is not None
            assert spec.origin is not None
            yield module.name, ast.parse(Path(spec.origin).read_text(encoding="utf-8"))


def defined(trees: list[ast.Module]) -> set[str]:
    """Return the names that code defines: functions, classes, variables and attributes."""
    names = set[str]()
    for node in (node for tree in trees for node in ast.walk(tree)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                names.add(name)
    return names


def foreign_uses(tree: ast.Module, ours: set[str]) -> Iterator[str]:
    """Yield the private names of libraries that a module imports or reaches for."""
    here = defined([tree])
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if is_private(name) and name not in ours:
                yield name
            case ast.Attribute(attr=name) if is_private(name) and name not in here | ours:
                yield name
            case ast.ImportFrom(module=str(module), names=names) if not module.startswith("__"):
                yield from filter(is_private, [*module.split("."), *(alias.name for alias in names)])


def overrides(module: str, tree: ast.Module) -> Iterator[str]:
    """Yield the private methods of libraries' classes that a module's classes define anew."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bases = getattr(importlib.import_module(module), node.name).__mro__[1:]
            foreign = [base for base in bases if not base.__module__.startswith(("booklight", "builtins"))]
            for name in defined([ast.Module(node.body, [])]):
                if is_private(name) and any(name in vars(base) for base in foreign):
                    yield name


def test_no_private_name_of_a_library_is_used_but_these() -> None:
    # What Alembic runs by itself cannot be imported; it defines no class.
    found = [(name, tree) for name, tree in modules() if not name.endswith("migrations.env")]
    ours = defined([tree for _, tree in found])
    known = {name for _, _, name in PARAMETERS}
    used = {use for name, tree in found for use in (*foreign_uses(tree, ours), *overrides(name, tree))}
    assert len(found) > 100
    assert used == {name for name in known if is_private(name)}


def test_a_use_is_found_in_each_of_its_forms() -> None:
    text = (
        "from lib._inner import _thing, plain\nclass A:\n  def b(self, c):\n    return self._far, c.d._near, c._fields"
    )
    assert sorted(foreign_uses(ast.parse(text), set())) == ["_far", "_inner", "_near", "_thing"]


@pytest.mark.parametrize(("owner", "name", "takes"), [(*key[1:], takes) for key, takes in PARAMETERS.items()])
def test_each_is_as_it_was(owner: type, name: str, takes: list[str]) -> None:
    assert sorted(inspect.signature(getattr(owner, name)).parameters) == sorted(takes)


def test_what_is_called_is_still_a_generator_and_a_coroutine() -> None:
    assert inspect.isasyncgenfunction(vars(ChatKitServer)["_process_streaming_impl"])
    assert inspect.iscoroutinefunction(vars(ChatKitServer)["_process_non_streaming"])


@pytest.mark.parametrize("distribution", sorted({key[0] for key in PARAMETERS}))
def test_its_version_is_pinned_and_the_handbook_lists_it(distribution: str) -> None:
    required = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    pins = [line for line in required if re.split(r"[\[=<>;]", line)[0] == distribution]
    assert [pin.partition("==")[2] for pin in pins] == [version(distribution)]
    table = PAGE.read_text(encoding="utf-8").partition("{#private-names}")[2].partition("\n## ")[0]
    for named, owner, name in PARAMETERS:
        assert named != distribution or f"`{owner.__name__}.{name}`" in table
