"""A Whisper model that always says the same, made in a moment: the real loading and decoding code runs on it, no weights are downloaded.

Its decoder looks at nothing but the position: each position is a direction of its own, and the projection turns it into the next token.
Like Whisper's small English models it knows one language.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs.whisper_spec import WhisperSpec
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

WIDTH, MELS, FRAMES = 64, 80, 1500
SURE = 40.0
_SPACE = "Ġ"  # a space, as byte-level vocabularies write it


def write_model(folder: Path, says: Sequence[str], *, seconds: float = 2.0) -> Path:
    """A model directory as CTranslate2's converter writes it. It says its words in the first `seconds` of every 30."""
    folder.mkdir(parents=True)
    tokens = _vocabulary(says)
    spec = _spec(tokens, says, seconds)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    _tokenizer(tokens).save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": MELS}), encoding="utf-8")
    return folder


def _vocabulary(says: Sequence[str]) -> list[str]:
    words = dict.fromkeys((*sorted(pre_tokenizers.ByteLevel.alphabet()), *(_SPACE + word for word in says)))
    special = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>"]
    special += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
    times = [f"<|{0.02 * each:.2f}|>" for each in range(FRAMES + 1)]
    return [*words, *special, *times]


def _tokenizer(tokens: Sequence[str]) -> Tokenizer:
    end = tokens.index("<|endoftext|>")
    made = Tokenizer(BPE(vocab={token: at for at, token in enumerate(tokens[:end])}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(token, special=True) for token in tokens[end:]])
    return made


def _spec(tokens: Sequence[str], says: Sequence[str], seconds: float) -> WhisperSpec:
    spec = WhisperSpec(1, 2, 1, 2)
    for each, inputs in ((spec.encoder.conv1, MELS), (spec.encoder.conv2, WIDTH)):
        each.weight, each.bias = _zeros(WIDTH, inputs, 3), _zeros(WIDTH)
    spec.encoder.position_encodings.encodings = _moments(len(says), seconds)
    spec.decoder.position_encodings.encodings = np.eye(448, WIDTH, dtype=np.float32)
    spec.decoder.embeddings.weight = _zeros(len(tokens), WIDTH)
    for part in (spec.encoder, spec.decoder):
        for each in _layers(part):
            _fill(each)
    spec.decoder.projection.weight = _projection(tokens, says, seconds)
    spec.config.suppress_ids, spec.config.suppress_ids_begin, spec.config.alignment_heads = [], [], [(0, 0)]
    spec.config.lang_ids = [tokens.index("<|en|>")]
    spec.register_vocabulary(list(tokens))
    return spec


def _moments(words: int, seconds: float) -> Any:
    """The words share the seconds evenly: each moment looks like the position from which its word is foretold."""
    found, last = _zeros(FRAMES, WIDTH), round(seconds * FRAMES / 30)
    for frame in range(FRAMES):
        found[frame, 1 + (frame * words // last if frame < last else words)] = 1
    return found


def _projection(tokens: Sequence[str], says: Sequence[str], seconds: float) -> Any:
    """At the prompt's position the first token is foretold, at that one's position the next."""
    line = ["<|0.00|>", *(_SPACE + word for word in says), f"<|{seconds:.2f}|>"]
    weights = _zeros(len(tokens), WIDTH)
    for at, token in enumerate(line):
        weights[tokens.index(token), at] = SURE
    weights[tokens.index("<|endoftext|>"), len(line) :] = SURE
    return weights


def _layers(part: Any) -> Iterator[Any]:
    yield part.layer_norm
    for layer in part.layer:
        attentions = [layer.self_attention, *([layer.attention] if hasattr(layer, "attention") else [])]
        for each in attentions:
            yield from (each.layer_norm, each)
        yield from (layer.ffn.layer_norm, layer.ffn)


def _fill(part: Any) -> None:
    """Attention finds the moments that look like its own position, and hands on nothing."""
    if hasattr(part, "gamma"):
        part.gamma, part.beta = np.ones(WIDTH, dtype=np.float32), _zeros(WIDTH)
    elif hasattr(part, "linear_0"):
        part.linear_0.weight, part.linear_0.bias = _zeros(2 * WIDTH, WIDTH), _zeros(2 * WIDTH)
        part.linear_1.weight, part.linear_1.bias = _zeros(WIDTH, 2 * WIDTH), _zeros(WIDTH)
    else:
        for each, times in zip(part.linear, (3, 1) if len(part.linear) == 2 else (1, 2, 1), strict=True):
            each.weight, each.bias = _zeros(times * WIDTH, WIDTH), _zeros(times * WIDTH)
        for each in part.linear[:-1]:
            each.weight[:WIDTH] = np.eye(WIDTH, dtype=np.float32)


def _zeros(*shape: int) -> Any:
    return np.zeros(shape, dtype=np.float32)
