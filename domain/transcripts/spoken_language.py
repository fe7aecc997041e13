"""Which language is spoken, by what is said. The dictionaries are those of titles (`domain.features.languages`)."""

from collections import Counter

from domain.features.languages import Guess, language_of
from domain.transcripts.splitting import splitter_of

# Stretches of so many words are asked one by one: a song or a quotation in between does not decide.
STRETCH_WORDS, MOST_STRETCHES = 60, 40
# Of the stretches that tell, so many must agree.
LEAST_SHARE = 0.6


def spoken_language(text: str) -> Guess:
    """The language (ISO 639-1) of most of what is said, and which share of the stretches that tell one say so; none where they disagree."""
    split = splitter_of(text)
    tokens = [word for token in text.split() for word in split(token)]
    stretches = [tokens[at : at + STRETCH_WORDS] for at in range(0, len(tokens), STRETCH_WORDS)]
    step = -(-len(stretches) // MOST_STRETCHES) or 1
    guesses = (language_of(" ".join(words)).language for words in stretches[::step])
    votes = Counter(language for language in guesses if language)
    if not votes:
        return Guess(None, 0.0)
    language, count = min(votes.items(), key=lambda item: (-item[1], item[0]))
    share = count / votes.total()
    return Guess(language if share >= LEAST_SHARE else None, share)
