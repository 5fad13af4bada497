"""The checks that change nothing, and the commands that mend what a machine can mend."""

from collections.abc import Sequence

from environment import BIN, PYTHON

TYPES: dict[str, Sequence[str]] = {
    "Python types": [str(BIN / "mypy"), "--no-error-summary"],
}
LINT: dict[str, Sequence[str]] = {
    "Python lint": [str(BIN / "ruff"), "check", "--quiet", "."],
    "Python format": [str(BIN / "ruff"), "format", "--quiet", "--check", "."],
    "Import layers": [str(BIN / "lint-imports")],
    "Plugin and book lint": ["npx", "--no-install", "biome", "check", "--error-on-warnings"],
    "Plugin types": ["npm", "run", "--silent", "typecheck", "--workspace", "site-plugin"],
    "Book types": ["npm", "run", "--silent", "typecheck", "--workspace", "book"],
    "Lock files": [str(PYTHON), "scripts/lock.py", "--check"],
    "Settings tables": [str(PYTHON), "scripts/settings_table.py", "--check"],
}
FIXES: dict[str, Sequence[str]] = {
    "Python lint": [str(BIN / "ruff"), "check", "--quiet", "--fix", "."],
    "Python format": [str(BIN / "ruff"), "format", "--quiet", "."],
    "Plugin and book lint": ["npx", "--no-install", "biome", "check", "--write", "--error-on-warnings"],
}
