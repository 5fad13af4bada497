"""The checks that change nothing, and how a list of commands is run and summed up."""

import subprocess
import time
from collections.abc import Mapping, Sequence

from environment import BIN, PYTHON
from steps import ROOT, say

CHECKS: dict[str, Sequence[str]] = {
    "Python lint": [str(BIN / "ruff"), "check", "--quiet", "."],
    "Python format": [str(BIN / "ruff"), "format", "--quiet", "--check", "."],
    "Python types": [str(BIN / "mypy"), "--no-error-summary"],
    "Import layers": [str(BIN / "lint-imports")],
    "Plugin and book lint": ["npx", "--no-install", "biome", "check", "--error-on-warnings"],
    "Plugin types": ["npm", "run", "--silent", "typecheck", "--workspace", "site-plugin"],
    "Book types": ["npm", "run", "--silent", "typecheck", "--workspace", "book"],
    "Lock files": [str(PYTHON), "scripts/lock.py", "--check"],
    "Settings tables": [str(PYTHON), "scripts/settings_table.py", "--check"],
}


def run_all(commands: Mapping[str, Sequence[str]], environment: dict[str, str]) -> int:
    """Run every command, even after one failed, and return 1 if any did."""
    failed = []
    for name, command in commands.items():
        say(f"\n── {name}")
        started = time.monotonic()
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            failed.append(name)
        say(f"   {'failed' if name in failed else 'passed'} in {time.monotonic() - started:.1f} s")
    say(
        f"\n{len(commands) - len(failed)} of {len(commands)} passed"
        + (f"; failed: {', '.join(failed)}" if failed else "")
    )
    return 1 if failed else 0
