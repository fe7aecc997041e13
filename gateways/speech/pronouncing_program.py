"""How English words sound, in the phones of the acoustic model: from its dictionary, else by the rules of espeak-ng. Run by path in a
process of its own, therefore it imports nothing of ours.

Asked for `words`; answers one line per word that can be said: the word, and its pronunciations.
"""

import ctypes
import json
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

_ALTERNATIVE = re.compile(r"\(\d+\)$")
_STRESS = re.compile("[ˈˌː]")
# Of espeak-ng's speak_lib.h.
_RETRIEVAL, _DO_NOT_EXIT, _UTF8, _IPA = 1, 0x8000, 1, 0x02
# The phonemes of espeak-ng's en-us, without stress and length, as those of cmudict.
_PHONES = {
    "n": "N", "ɪ": "IH", "s": "S", "k": "K", "l": "L", "t": "T", "ə": "AH", "ɹ": "R", "d": "D", "m": "M", "æ": "AE", "ɛ": "EH",
    "ɚ": "ER", "z": "Z", "b": "B", "p": "P", "oʊ": "OW", "ɑ": "AA", "i": "IY", "eɪ": "EY", "f": "F", "ɡ": "G", "aɪ": "AY", "v": "V",
    "ʌ": "AH", "u": "UW", "ŋ": "NG", "h": "HH", "ᵻ": "IH", "w": "W", "ɾ": "T", "ʃ": "SH", "dʒ": "JH", "əl": "AH L", "ɜ": "ER",
    "ɑɹ": "AA R", "j": "Y", "ɔɹ": "AO R", "oɹ": "AO R", "ɔ": "AO", "tʃ": "CH", "ɐ": "AH", "aʊ": "AW", "θ": "TH", "ʊ": "UH",
    "iə": "IY AH", "ʊɹ": "UH R", "ɔɪ": "OY", "ɛɹ": "EH R", "ð": "DH", "ɪɹ": "IH R", "aɪɚ": "AY ER", "ʒ": "ZH", "ʔ": "T", "n̩": "AH N",
    "aɪə": "AY AH", "x": "K", "r": "R", "a": "AA", "e": "EH", "o": "OW",
}  # fmt: skip


def in_dictionary(wanted: set[str], dictionary: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with dictionary.open(encoding="utf-8") as file:
        for line in file:
            word, _, phones = line.strip().partition(" ")
            word = _ALTERNATIVE.sub("", word)
            if word in wanted:
                found.setdefault(word, []).append(phones)
    return found


def by_rule(words: Iterable[str]) -> dict[str, list[str]]:
    """Words with a phoneme that English has not are left out."""
    say, found = _sayer(), {}
    for word in words:
        phones = [_PHONES.get(_STRESS.sub("", each)) for each in say(word).split("_") if _STRESS.sub("", each)]
        if phones and None not in phones:
            found[word] = [" ".join(each for each in phones if each)]
    return found


def _sayer() -> Callable[[str], str]:
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    if library.espeak_Initialize(_RETRIEVAL, 0, str(espeakng_loader.get_data_path()).encode(), _DO_NOT_EXIT) <= 0:
        raise SystemExit("espeak-ng does not start: its data may be missing")
    library.espeak_SetVoiceByName(b"en-us")
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p

    def say(word: str) -> str:
        text = ctypes.pointer(ctypes.c_char_p(word.encode()))
        said: bytes | None = library.espeak_TextToPhonemes(text, _UTF8, _IPA | ord("_") << 8)
        return (said or b"").decode()

    return say


def main(asked: str) -> None:
    import pocketsphinx

    wanted = set(json.loads(Path(asked).read_text(encoding="utf-8"))["words"])
    found = in_dictionary(wanted, Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict")))
    if lacking := sorted(wanted - found.keys()):
        found |= by_rule(lacking)
    for word, phones in found.items():
        sys.stdout.write(json.dumps({"word": word, "phones": phones}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
