"""Sentence vectors by an ONNX model that the operator put into a folder: `model.onnx` and `tokenizer.json`. Nothing is downloaded.

The layout is that of the sentence-transformers exports (also `onnx/model.onnx`). Needs the extra `embedding` (onnxruntime, tokenizers).
One thread: a run has its core. A model is code of its maker's, run by onnxruntime without custom operators; only operators choose it.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.errors import SourceRefused

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SOURCE = "embedding"
MODEL_FILES, TOKENIZER_FILE = ("model.onnx", "onnx/model.onnx"), "tokenizer.json"
MOST_TOKENS = 256
BATCH = 32
# Outputs that are looked for, best first: vectors the model pooled itself, then one per token.
OUTPUTS = ("sentence_embedding", "last_hidden_state", "token_embeddings")


class OnnxEmbedding:
    """Fills `domain.ports.Embeds`. The folder is read when the first text comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def model(self) -> str:
        return self._folder.name

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector per text, at length 1, of its first 256 tokens. Raises SourceRefused where the model cannot be used."""
        found: list[list[float]] = []
        for first in range(0, len(texts), BATCH):
            found += self._batch(texts[first : first + BATCH])
        return found

    def _batch(self, texts: Sequence[str]) -> list[list[float]]:
        session = self._session
        from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument, RuntimeException

        from domain.clips.pooling import padded, pooled

        table, mask = padded([each.ids for each in self._tokenizer.encode_batch(list(texts))])
        offered = {"input_ids": table, "attention_mask": mask, "token_type_ids": table * 0}
        try:
            output = session.run([self._output], {name: offered[name] for name in self._inputs})[0]
            return [list(map(float, row)) for row in pooled(output, mask)]
        except (InvalidArgument, RuntimeException, ValueError) as error:
            raise SourceRefused(SOURCE, f"the model in {self._folder} does not work: {error}") from error

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise _missing() from error
        path = self._folder / TOKENIZER_FILE
        try:
            made = Tokenizer.from_buffer(path.read_bytes())
        except OSError as error:
            raise SourceRefused(SOURCE, f"{path} cannot be read: {error}") from error
        except ValueError as error:
            raise SourceRefused(SOURCE, f"{path} is no tokenizer: {error}") from error
        made.enable_truncation(MOST_TOKENS)
        made.no_padding()
        return made

    @cached_property
    def _session(self) -> Any:
        try:
            import onnxruntime
            from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf, NoSuchFile, NotImplemented
        except ImportError as error:
            raise _missing() from error
        path = next((self._folder / name for name in MODEL_FILES if (self._folder / name).is_file()), None)
        if path is None:
            raise SourceRefused(SOURCE, f"{self._folder} holds no {MODEL_FILES[0]}")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except (Fail, InvalidGraph, InvalidProtobuf, NoSuchFile, NotImplemented) as error:
            raise SourceRefused(SOURCE, f"{path} is no model that can be run: {error}") from error

    @cached_property
    def _inputs(self) -> list[str]:
        names = [each.name for each in self._session.get_inputs()]
        unknown = set(names) - {"input_ids", "attention_mask", "token_type_ids"}
        if unknown:
            raise SourceRefused(SOURCE, f"the model in {self._folder} asks for {', '.join(sorted(unknown))}, which no sentence has")
        return names

    @cached_property
    def _output(self) -> str:
        names = [each.name for each in self._session.get_outputs()]
        return next((name for name in OUTPUTS if name in names), names[0])


def _missing() -> SourceRefused:
    return SourceRefused(SOURCE, "onnxruntime and tokenizers are not installed: install whyral[embedding]")
