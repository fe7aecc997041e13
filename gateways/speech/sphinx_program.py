"""Listens with PocketSphinx and its English model. Run by path in a process of its own, therefore it imports nothing of ours.

`hear`: whatever is said; with a `script`, only its words, and likeliest in its order. `align`: of each piece, when its own words are said.
Answers a line for every piece: its words as [word, start, end] in seconds of the sound; `null` where it found no way through.
"""

import json
import re
import sys
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pocketsphinx import Decoder
from pocketsphinx.lm import ArpaBoLM

Word = tuple[str, float, float]
_ALTERNATIVE = re.compile(r"\(\d+\)$")
_FRAMES_PER_SECOND = 100
# What a decoder throws away early does not come back: at the usual beams a line of verse slips by two seconds.
_BEAMS = (1e-120, 1e-240)
# A sound without any noise has frames of zeros, which the model was never shown. The noise is the same each time.
_PLAIN: dict[str, Any] = {"loglevel": "FATAL", "dither": True, "seed": 1}


def main(asked: str) -> None:
    told = json.loads(Path(asked).read_text(encoding="utf-8"))
    answers = _aligned(told) if told["do"] == "align" else _heard(told)
    for number, words in enumerate(answers, start=1):
        print(json.dumps({"share": number / len(told["pieces"])}))  # noqa: T201 - the answer
        print(json.dumps({"words": words}), flush=True)  # noqa: T201


def _heard(told: dict[str, Any]) -> Iterator[list[Word]]:
    if told["script"]:
        _write_model(told["script"], Path("script.lm"))
        _write_dictionary(told["phones"], Path("script.dict"))
        decoder = Decoder(lm="script.lm", dict="script.dict", **_PLAIN)
    else:
        decoder = Decoder(**_PLAIN)
    for piece in told["pieces"]:
        yield _decoded(decoder, told["sound"], piece) or []


def _aligned(told: dict[str, Any]) -> Iterator[list[Word] | None]:
    _write_dictionary(told["phones"], Path("script.dict"))
    # Of an alignment's lattice the best path may end before the last word.
    plain = {**_PLAIN, "lm": None, "dict": "script.dict", "bestpath": False}
    decoders = [Decoder(beam=each, wbeam=each, pbeam=each, **plain) for each in _BEAMS]
    for piece in told["pieces"]:
        yield next(filter(None, (_forced(decoder, told["sound"], piece) for decoder in decoders)), None)


def _forced(decoder: Decoder, sound: str, piece: dict[str, Any]) -> list[Word] | None:
    decoder.set_align_text(" ".join(piece["words"]))
    found = _decoded(decoder, sound, piece)
    return found if found and [word for word, *_ in found] == piece["words"] else None


def _decoded(decoder: Decoder, sound: str, piece: dict[str, Any]) -> list[Word] | None:
    """None where no path through the words was left at the end."""
    samples = _samples(sound, piece["start"], piece["end"])
    if not samples:
        return None
    decoder.start_utt()
    decoder.process_raw(samples, full_utt=True)
    decoder.end_utt()
    found = decoder.seg()
    return None if found is None else list(_words(found, piece["start"]))


def _words(segments: Any, offset: float) -> Iterator[Word]:
    """Without what is silence or noise to the model."""
    for each in segments:
        if not each.word.startswith(("<", "[", "+")):
            start, end = (offset + frame / _FRAMES_PER_SECOND for frame in (each.start_frame, each.end_frame + 1))
            yield _ALTERNATIVE.sub("", each.word), start, end


def _samples(sound: str, start: float, end: float) -> Any:
    with wave.open(sound) as file:
        rate = file.getframerate()
        file.setpos(min(round(start * rate), file.getnframes()))
        return file.readframes(round((end - start) * rate))


def _write_model(sentences: Sequence[Sequence[str]], path: Path) -> None:
    model = ArpaBoLM(text="".join(f"<s> {' '.join(words)} </s>\n" for words in sentences))
    model.compute()
    model.write_file(str(path))


def _write_dictionary(phones: dict[str, list[str]], path: Path) -> None:
    """A word's further pronunciations are numbered from 2."""
    with path.open("w", encoding="utf-8") as file:
        for word, ways in phones.items():
            file.writelines(f"{word}{f'({number})' if number > 1 else ''} {each}\n" for number, each in enumerate(ways, start=1))


if __name__ == "__main__":
    main(sys.argv[1])
