"""Sentence vectors by a real ONNX model, made here byte by byte: a table of four words, looked up and given out per token."""

import json
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.clips.segmenting import topics_of
from domain.errors import SourceRefused
from domain.ports import Embeds
from gateways.embedding import OnnxEmbedding

# Rows of the table: nothing, bread, oven, wheel, unknown.
TABLE = ((0, 0, 0), (1, 0, 0), (0.8, 0.6, 0), (0, 0, 2), (0, 1, 0))
VOCABULARY = {"[PAD]": 0, "bread": 1, "oven": 2, "wheel": 3, "[UNK]": 4}


def field(number: int, value: int | bytes | str) -> bytes:
    """A field of a protocol buffer: a number, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def port(name: str, kind: int, shape: Sequence[str | int]) -> bytes:
    sizes = b"".join(field(1, field(2, each) if isinstance(each, str) else field(1, each)) for each in shape)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, sizes)))


def model(output: str = "last_hidden_state", inputs: Sequence[str] = ("input_ids", "attention_mask")) -> bytes:
    """ModelProto of onnx.proto3: one Gather of a float table by 64-bit ids."""
    table = b"".join(struct.pack("<f", each) for row in TABLE for each in row)
    tensor = field(1, len(TABLE)) + field(1, 3) + field(2, 1) + field(8, "table") + field(9, table)
    node = field(1, "table") + field(1, inputs[0]) + field(2, output) + field(4, "Gather")
    ports = b"".join(field(11, port(name, 7, ("rows", "tokens"))) for name in inputs)
    graph = field(1, node) + field(2, "g") + field(5, tensor) + ports + field(12, port(output, 1, ("rows", "tokens", 3)))
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    words = {"type": "WordLevel", "vocab": VOCABULARY, "unk_token": "[UNK]"}
    tokenizer: dict[str, object] = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
                 "normalizer": {"type": "Lowercase"},
                 "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None, "decoder": None, "model": words}  # fmt: skip
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer))
    (tmp_path / "model.onnx").write_bytes(model())
    return tmp_path


def test_a_sentence_is_the_mean_of_its_tokens_at_length_one(folder: Path) -> None:
    embedding = OnnxEmbedding(folder)
    assert isinstance(embedding, Embeds)

    one, two, many = embedding.embed(["Bread", "wheel wheel", "bread oven"])

    assert one == [1, 0, 0]
    assert two == [0, 0, 1]
    assert many == pytest.approx([0.9 / 0.9**0.5, 0.3 / 0.9**0.5, 0], abs=1e-6)
    assert embedding.model == folder.name


def test_a_text_is_the_same_alone_and_among_longer_ones(folder: Path) -> None:
    embedding = OnnxEmbedding(folder)

    assert embedding.embed(["oven"] + ["bread wheel " * 200] * 40)[0] == embedding.embed(["oven"])[0]
    assert embedding.embed([]) == []


def test_topics_are_found_by_a_models_vectors(folder: Path) -> None:
    texts = ["bread oven", "oven", "bread", "oven bread bread"] * 8 + ["wheel", "wheel wheel oven", "wheel wheel"] * 8

    assert topics_of(texts, "en", OnnxEmbedding(folder).embed(texts)).starts == (32,)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("model.onnx", b"no model", "is no model that can be run"),
        ("model.onnx", None, "holds no model.onnx"),
        ("model.onnx", model(inputs=("input_ids", "pixel_values")), "asks for pixel_values"),
        ("tokenizer.json", b"{}", "is no tokenizer"),
        ("tokenizer.json", b"\xff\xfe", "is no tokenizer"),
        ("tokenizer.json", None, "cannot be read"),
        ("tokenizer.json", json.dumps({"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
         "pre_tokenizer": None, "post_processor": None, "decoder": None,
         "model": {"type": "WordLevel", "vocab": {"a": 99}, "unk_token": "a"}}).encode(), "does not work"),
    ],
)  # fmt: skip
def test_a_folder_that_cannot_be_used_is_refused_with_what_is_wrong(folder: Path, name: str, content: bytes | None, said: str) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)

    with pytest.raises(SourceRefused, match=said):
        OnnxEmbedding(folder).embed(["bread"])
