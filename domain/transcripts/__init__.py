"""Transcripts: what is said in a video, with times. Reading caption files is in `gateways.media`, listening in `gateways.speech`.

cues -> `cleaning` (each line once; `told`, `names`: marks of speakers) -> `timing` (words) -> `sentences`, `turns`; all of it by `making`.
Of a transcript: `measures`, `keywords`, `chunking`, `exporting`; `chapters` are read from files and descriptions.
"""

from domain.transcripts.chapters import chapters_of_cues, chapters_of_description
from domain.transcripts.chunking import Chunk, chunks
from domain.transcripts.cleaning import clean
from domain.transcripts.exporting import plain_text, srt, webvtt
from domain.transcripts.keywords import Keyword, keywords_of
from domain.transcripts.making import script_words, transcribe, transcript_of_script, transcript_of_speech
from domain.transcripts.measures import Pace, Pauses, Statistics, statistics_of
from domain.transcripts.sentences import LONGEST_SECONDS, sentences_of
from domain.transcripts.splitting import count_words
from domain.transcripts.spoken_language import spoken_language
from domain.transcripts.timing import words_of
from domain.transcripts.told import is_speech
from domain.transcripts.tracks import ENGLISH, TEXT_CODECS, choose_track, has_track, is_english, is_same_language
from domain.transcripts.values import VERSION, Chapter, Sentence, Source, Transcript, Turn, Word, text_of

__all__ = [
    "ENGLISH",
    "LONGEST_SECONDS",
    "TEXT_CODECS",
    "VERSION",
    "Chapter",
    "Chunk",
    "Keyword",
    "Pace",
    "Pauses",
    "Sentence",
    "Source",
    "Statistics",
    "Transcript",
    "Turn",
    "Word",
    "chapters_of_cues",
    "chapters_of_description",
    "choose_track",
    "chunks",
    "clean",
    "count_words",
    "has_track",
    "is_english",
    "is_same_language",
    "is_speech",
    "keywords_of",
    "plain_text",
    "script_words",
    "sentences_of",
    "spoken_language",
    "srt",
    "statistics_of",
    "text_of",
    "transcribe",
    "transcript_of_script",
    "transcript_of_speech",
    "webvtt",
    "words_of",
]
