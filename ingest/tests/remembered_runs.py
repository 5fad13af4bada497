"""Models that run once for each text: most tests embed the same few."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy.typing as npt
import pytest

from booklight_ingest.embed.onnx_model import Mask, OnnxModel, Text

RUN = OnnxModel.run
"""The run itself, for tests of what it takes."""


@pytest.fixture(scope="session", autouse=True)
def runs_are_remembered() -> Iterator[None]:
    """Give what a loaded model has made of the same texts before, which nobody may write to."""

    @cache
    def remembered(model: OnnxModel, texts: tuple[Text, ...]) -> tuple[npt.NDArray[Any], Mask]:
        output, mask = RUN(model, texts)
        output.flags.writeable = mask.flags.writeable = False
        return output, mask

    def run_once(model: OnnxModel, texts: Sequence[Text]) -> tuple[npt.NDArray[Any], Mask]:
        return remembered(model, tuple(texts))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OnnxModel, "run", run_once)
        yield
