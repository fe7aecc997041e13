"""A transcript out of what there is: captions, words that were heard, or a script whose words were found in the sound."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from domain.media import Cue
from domain.sentence_ends import ends_sentence
from domain.speech import HeardWord, Speech
from domain.transcripts.cleaning import cleaned
from domain.transcripts.names import with_names
from domain.transcripts.sentences import PAUSE_SECONDS, sentences_of
from domain.transcripts.splitting import Splitter, are_joined, splitter_of
from domain.transcripts.spoken_language import spoken_language
from domain.transcripts.timing import Timed, own_words, timed
from domain.transcripts.told import Said, is_said, told
from domain.transcripts.turns import turns_of
from domain.transcripts.values import Chapter, Source, Transcript, Word, text_of

# A cue of words that were heard: two lines of subtitles (Netflix's style guide: 42 characters, 7 s).
CUE_CHARACTERS, CUE_SECONDS = 84, 7.0


def transcribe(
    cues: Sequence[Cue], *, source: Source, language: str | None, duration_seconds: float | None, chapters: Sequence[Chapter] = ()
) -> Transcript:
    """The transcript that cues make. What they say after the video's end is not in it. Without a language tag it is told by the words."""
    shown = cleaned(cues)
    words = timed(shown, duration_seconds=duration_seconds)
    own = own_words(words)
    sentences = sentences_of([each.word for each in words], has_own_times=bool(own))
    return Transcript(
        source=source,
        language=language or spoken_language(" ".join(each.text for each in sentences)).language,
        cues=tuple(Cue(each.start_seconds, each.end_seconds, each.text) for each in shown),
        sentences=sentences,
        timed=own,
        chapters=tuple(chapters),
        turns=turns_of(words),
    )


def transcript_of_speech(speech: Speech, *, duration_seconds: float | None) -> Transcript:
    """The transcript of words that were heard. Listeners may know neither marks nor capitals: then sentences end at pauses."""
    heard = [word for each in speech.words if is_said(each.text) for word in _parted(each)]
    words = _in_order(sorted(heard, key=lambda word: word.start_seconds), duration_seconds)
    joined = [at > 0 and are_joined(words[at - 1].text, word.text) for at, word in enumerate(words)]
    said = [Said(text=word.text, is_joined=each) for word, each in zip(words, joined, strict=True)]
    found = _assembled(words, said)
    language = speech.language or spoken_language(" ".join(each.text for each in found.sentences)).language
    return replace(found, source=Source.SPEECH, language=language, model=speech.model, error_rate=speech.error_rate)


def script_words(script: str) -> tuple[str, ...]:
    """The words of a script that are said, in order, as `MediaTools.align` takes them: names of speakers and sounds are not among them."""
    return tuple(word.text for word in _said_in(script))


def transcript_of_script(
    aligned: Sequence[HeardWord], script: str, *, language: str | None, duration_seconds: float | None, model: str | None = None
) -> Transcript:
    """The transcript of a known script. `aligned`: one word for each of `script_words(script)`, else ValueError."""
    said = _said_in(script)
    if len(said) != len(aligned):
        raise ValueError(f"the script has {len(said)} words, and {len(aligned)} were aligned")
    found = _assembled(_in_order(aligned, duration_seconds), said)
    return replace(found, language=language or spoken_language(script).language, model=model)


def _said_in(script: str) -> list[Said]:
    """The words of a script's lines, each line read as a caption is."""
    lines = with_names([each for each in (told(Cue(0.0, 0.0, line)) for line in script.splitlines()) if each.lines and is_said(each.text)])
    split = splitter_of(script)
    return [piece for line in lines for word in line.words for piece in _pieces(word, split)]


def _pieces(word: Said, split: Splitter) -> Iterator[Said]:
    for at, text in enumerate(split(word.text)):
        yield replace(word, text=text) if at == 0 else Said(text=text, is_joined=True)


def _parted(heard: HeardWord) -> Iterator[HeardWord]:
    """What a listener gave as one word and is written as several, timed by characters."""
    texts = heard.text.split()
    share = (heard.end_seconds - heard.start_seconds) / max(1, sum(map(len, texts)))
    at = heard.start_seconds
    for text in texts:
        yield replace(heard, text=text, start_seconds=at, end_seconds=at + share * len(text))
        at += share * len(text)


def _in_order(heard: Sequence[HeardWord], duration_seconds: float | None) -> list[HeardWord]:
    """Words that neither overlap nor go back; none begins after the end."""
    latest, found = 0.0, []
    until = float("inf") if duration_seconds is None else duration_seconds
    for word in heard:
        start = min(max(word.start_seconds, latest), until)
        latest = start
        found.append(replace(word, start_seconds=start, end_seconds=min(max(word.end_seconds, start), until)))
    pairs = [replace(word, end_seconds=min(word.end_seconds, after.start_seconds)) for word, after in pairwise(found)]
    return [*pairs, found[-1]] if found else []


def _assembled(heard: Sequence[HeardWord], said: Sequence[Said]) -> Transcript:
    words: list[Word] = []
    for word, each in zip(heard, said, strict=True):
        number = words[-1].cue if words else 0
        made = Word(word.start_seconds, word.end_seconds, each.text, number, is_joined=each.is_joined)
        group = [each for each in words[-CUE_CHARACTERS:] if each.cue == number]
        words.append(replace(made, cue=number + 1) if group and _is_full(group, made, is_marked=each.mark is not None) else made)
    timed_words = [Timed(word, each, is_own=True) for word, each in zip(words, said, strict=True)]
    return Transcript(
        source=Source.SCRIPT,
        language=None,
        cues=tuple(_cues(words)),
        sentences=sentences_of(words, has_own_times=True),
        timed=tuple(words),
        turns=turns_of(timed_words),
    )


def _is_full(group: Sequence[Word], word: Word, *, is_marked: bool) -> bool:
    """Whether the next cue begins with this word."""
    last = group[-1]
    is_over = ends_sentence(last.text, word.text) or is_marked or word.start_seconds - last.end_seconds >= PAUSE_SECONDS
    return is_over or len(text_of([*group, word])) > CUE_CHARACTERS or word.end_seconds - group[0].start_seconds > CUE_SECONDS


def _cues(words: Sequence[Word]) -> Iterator[Cue]:
    group: list[Word] = []
    for word in words:
        if group and word.cue != group[0].cue:
            yield Cue(group[0].start_seconds, group[-1].end_seconds, text_of(group))
            group = []
        group.append(word)
    if group:
        yield Cue(group[0].start_seconds, group[-1].end_seconds, text_of(group))
