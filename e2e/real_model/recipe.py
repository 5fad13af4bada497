"""The handbook's recipe for llama.cpp's server: its command and its settings, as readers find them there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "book/docs/05-operating/03-connect-a-model.mdx"
PORT = "8080"


def recipe(page: str) -> tuple[list[str], dict[str, str]]:
    """Return the arguments of `llama-server` and the settings of the sidecar that the recipe gives."""
    tab = page[page.index('value="llama-cpp"') :]
    tab = tab[: tab.index("</TabItem>")]
    command = re.search(r"^llama-server (.+)$", tab, re.MULTILINE)
    settings = re.search(r'^```ini title="\.env"\n(.*?)^```', tab, re.MULTILINE | re.DOTALL)
    assert command, "the recipe has a command"
    assert settings, "the recipe has settings"
    lines = (line.partition("=") for line in settings[1].splitlines())
    return command[1].split(), {name: value for name, _, value in lines}


def at_port(port: int, gguf: Path) -> tuple[list[str], dict[str, str]]:
    """Return the recipe with this model at this port, and nothing else changed."""
    arguments, settings = recipe(PAGE.read_text(encoding="utf-8"))
    replaced = {PORT: str(port), "model.gguf": str(gguf)}
    address = settings["BOOKLIGHT_MODEL_BASE_URL"].replace(f":{PORT}/", f":{port}/")
    return [replaced.get(one, one) for one in arguments], settings | {"BOOKLIGHT_MODEL_BASE_URL": address}
