"""Debian's packages, for what the tests need and neither Python's nor Node's registry has for this machine."""

import os
import shutil
import subprocess


def install_packages(*names: str) -> bool:
    """Install packages and say whether that went well; where there is no apt, it does not."""
    if shutil.which("apt-get") is None:
        return False
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]
    return all(_run(*as_root, *command) for command in (["apt-get", "update", "-qq"], install))


def _run(*command: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0
