"""The system's packages, for what the tests need and neither Python's nor Node's registry has for this machine.

Nothing is installed behind anybody's back: it is done in CI and by root, who may; others are shown the command.
"""

import os
import shutil
import subprocess
import sys

from steps import StepFailed, say


def need_packages(what: str, *names: str, homebrew: str = "") -> None:
    """Install Debian's packages `names`, which bring `what` the tests need.

    Raises StepFailed, with the command that installs them, where that is not ours to do or did not go well.
    """
    missing = f"The tests need {what}, which is not here"
    commands = _commands(*names)
    if not commands:
        way = f"brew install {homebrew}" if homebrew and sys.platform == "darwin" else f"install {what}"
        raise StepFailed(f"{missing}: {way}, then run this again.")
    shown = " && ".join(" ".join(command) for command in commands)
    if not may_install():
        raise StepFailed(f"{missing}. Install it with\n\n    {shown}\n\nthen run this again.")
    say(f"  … {what} for the tests: {shown}")
    if not install_quietly(*names):
        raise StepFailed(f"{missing}, and this did not install it:\n\n    {shown}")


def install_quietly(*names: str) -> bool:
    """Install Debian's packages `names`, and return whether they are here now."""
    commands = _commands(*names)
    return bool(commands) and all(run_quietly(*command) for command in commands)


def may_install() -> bool:
    """Return whether system packages may be installed: in CI, or as root."""
    return os.environ.get("CI", "").lower() in {"1", "true"} or os.geteuid() == 0


def run_quietly(*command: str) -> bool:
    """Run a command without input, and return whether it succeeded."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0


def _commands(*names: str) -> list[list[str]]:
    """Return the commands that install packages; none where there is no apt."""
    if shutil.which("apt-get") is None:
        return []
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *names]
    return [[*as_root, "apt-get", "update"], [*as_root, *install]]
