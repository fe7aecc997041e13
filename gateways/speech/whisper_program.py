"""Listens with faster-whisper. Run by path in a process of its own, therefore it imports nothing of ours. It has no network.

Answers a line for every word as [word, start, end, probability], then one with the language.
"""

import json
import sys
from pathlib import Path
from typing import Any


def main(asked: str) -> None:
    from faster_whisper import WhisperModel

    told = json.loads(Path(asked).read_text(encoding="utf-8"))
    try:
        model = WhisperModel(told["model"], device="cpu", compute_type="int8", cpu_threads=told["threads"], local_files_only=True)
    except (RuntimeError, ValueError, OSError) as error:
        sys.exit(f"the model cannot be loaded: {error}")
    language = told["language"]
    if language is not None and language not in model.supported_languages:
        _say({"unknown_language": language})
        return
    segments, found = model.transcribe(told["sound"], language=language, word_timestamps=True, vad_filter=True)
    for segment in segments:
        for word in segment.words or ():
            _say({"word": [word.word.strip(), float(word.start), float(word.end), float(word.probability)]})
        _say({"share": segment.end / found.duration if found.duration else 1.0})
    _say({"language": found.language if found.duration_after_vad else language})


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
