"""Models that run once for each text: most tests embed the same few, and that is most of what they would compute."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy.typing as npt
import pytest

from booklight_ingest.embed.onnx_model import Mask, OnnxModel, Text

REMEMBERED = 4_000


@pytest.fixture(scope="session", autouse=True)
def runs_are_remembered() -> Iterator[None]:
    """Give what a loaded model has made of the same texts before, which nobody may write to."""
    run = OnnxModel.run

    @lru_cache(maxsize=REMEMBERED)
    def remembered(model: OnnxModel, texts: tuple[Text, ...]) -> tuple[npt.NDArray[Any], Mask]:
        output, mask = run(model, texts)
        output.flags.writeable = mask.flags.writeable = False
        return output, mask

    def run_once(model: OnnxModel, texts: Sequence[Text]) -> tuple[npt.NDArray[Any], Mask]:
        return remembered(model, tuple(texts))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OnnxModel, "run", run_once)
        yield
