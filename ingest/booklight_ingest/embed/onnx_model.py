"""A transformer in ONNX with its tokenizer: texts, or pairs of them, in; the model's first output out.

Loading and running take long, and leave the interpreter to others meanwhile: call both in a thread.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnxruntime import InferenceSession, SessionOptions
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf, NoSuchFile
from tokenizers import Tokenizer

from booklight_ingest.errors import EmbeddingFailed

# How long a thread that waits for another keeps its core; on a busy machine it is the other that wants one.
SPIN_MICROSECONDS = 50

Text = str | tuple[str, str]
Numbers = npt.NDArray[np.float32]
Mask = npt.NDArray[np.int64]


class OnnxModel:
    """One model on `threads` processor cores; texts are cut at `max_tokens`. Raises EmbeddingFailed."""

    def __init__(self, model: Path, tokenizer: Path, *, max_tokens: int, threads: int) -> None:
        options = SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.spin_duration_us", str(SPIN_MICROSECONDS))
        try:
            self._session = InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except (Fail, InvalidGraph, InvalidProtobuf, NoSuchFile) as error:
            raise EmbeddingFailed(f"{model} cannot be loaded: it is no ONNX model that onnxruntime knows") from error
        self._inputs = {wanted.name for wanted in self._session.get_inputs()}
        self._tokenizer = load_tokenizer(tokenizer)
        self._tokenizer.enable_truncation(max_tokens)

    def run(self, texts: Sequence[Text]) -> tuple[npt.NDArray[Any], Mask]:
        """Return the model's first output for a batch of texts, and the mask of their tokens.

        On a processor texts one by one take the least time and memory: a batch fills the shorter ones up.
        """
        encoded = self._tokenizer.encode_batch(list(texts))
        columns = {
            "input_ids": [encoding.ids for encoding in encoded],
            "attention_mask": [encoding.attention_mask for encoding in encoded],
            "token_type_ids": [encoding.type_ids for encoding in encoded],
        }
        feed = {name: np.array(rows, dtype=np.int64) for name, rows in columns.items()}
        output = self._session.run(None, {name: feed[name] for name in feed if name in self._inputs})[0]
        return np.asarray(output), feed["attention_mask"]

    def score(self, question: str, text: str) -> float:
        """Return a cross-encoder's logit of how well `text` answers `question`."""
        found, _ = self.run([(question, text)])
        return float(found.reshape(-1)[0])

    def knows(self, word: str) -> bool:
        """Say whether the vocabulary has `word` as one piece."""
        return len(self._tokenizer.encode(word, add_special_tokens=False).tokens) == 1


def load_tokenizer(file: Path) -> Tokenizer:
    """Return the tokenizer that `file` describes, filling up the shorter texts of a batch. Raises EmbeddingFailed."""
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:
        raise EmbeddingFailed(f"{file} cannot be read as a tokenizer: {error}") from error
    padding = tokenizer.padding or {}
    tokenizer.enable_padding(pad_id=padding.get("pad_id", 0), pad_token=padding.get("pad_token", "[PAD]"))
    return tokenizer
