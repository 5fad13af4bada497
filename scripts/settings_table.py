"""Write the table of settings into the README and the handbook, from the code; `--check` only compares.

Run with the project's own Python, since it imports the settings.
"""

import sys
from pathlib import Path

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from booklight.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PARTIAL = ROOT / "book/docs/_settings.mdx"
BEGIN, END = "<!-- settings: begin -->\n", "<!-- settings: end -->"


def main(arguments: list[str]) -> int:
    """Write both tables, or with `--check` return 1 if one is out of date."""
    table = settings_table()
    readme = README.read_text()
    before, _, rest = readme.partition(BEGIN)
    wanted = {README: before + BEGIN + table + END + rest.partition(END)[2], PARTIAL: table}
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text() != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: run .venv/bin/python scripts/settings_table.py")
        return 1 if stale else 0
    for path in stale:
        path.write_text(wanted[path])
    return 0


def settings_table() -> str:
    """Return the settings as a Markdown table, in the order of the code."""
    rows = [_row(name, field) for name, field in Settings.model_fields.items()]
    return "\n".join(["| Variable | Default | Meaning |", "| --- | --- | --- |", *rows]) + "\n"


def _row(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    names = alias.choices if isinstance(alias, AliasChoices) else [f"BOOKLIGHT_{name.upper()}"]
    variable = " or ".join(f"`{one}`" for one in names)
    default = field.default
    match default:
        case SecretStr():
            default = default.get_secret_value()
        case (_, *_):
            default = ",".join(default)
    shown = f"`{default}`" if default not in (None, ()) else "not set"
    return f"| {variable} | {shown} | {field.description} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
