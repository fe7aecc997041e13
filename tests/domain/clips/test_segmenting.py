"""Where one topic gives way to the next: held against documents whose ends are known, and against TextTiling on the same vectors."""

import random
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from bench.baselines import texttiling
from bench.harness.documents import Composed, Style, World, pk
from domain.clips.segmenting import LEAST_SENTENCES, topics_of
from domain.clips.vectors import latent, weighed
from domain.transcripts import Source, transcribe
from gateways.media.cues import read_captions

HARD = Style(own_share=0.2, neighbour_share=0.25, section_shift=0.6)
# Whole documents; parts of them as long as topics of talks; parts of very unlike lengths.
WHOLE, PARTS, UNLIKE = (1500,) * 20, (300, 500, 700, 900) * 5, (150, 300, 600, 1200, 1500) * 4


def composed(seed: int, style: Style, lengths: Sequence[int]) -> Composed:
    return World(seed, topics=50, style=style).composed(random.Random(seed).sample(lengths, len(lengths)))


def rivals(source: Composed) -> list[float]:
    """Pk of TextTiling on the same vectors, at each of its windows."""
    vectors = latent(weighed(source.sentences, "en"))
    return [pk(source.boundaries, texttiling.boundaries(vectors, window), len(source.sentences)) for window in texttiling.WINDOWS]


def test_topics_of_composed_sources_are_found_better_than_by_texttiling() -> None:
    sources = [
        composed(seed, style, lengths)
        for seed, style, lengths in [(1, Style(), WHOLE), (2, HARD, PARTS), (3, Style(), PARTS), (4, HARD, UNLIKE), (5, Style(), UNLIKE)]
    ]

    found = [pk(each.boundaries, topics_of(each.sentences, "en").starts, len(each.sentences)) for each in sources]

    assert max(found) <= 0.25
    assert np.mean(found) <= 0.15
    theirs = [rivals(each) for each in sources]
    assert np.mean(found) <= 0.75 * min(np.mean(theirs, axis=0))
    # Paired, and every source with the window that is best for it, which nobody could know.
    assert sum(ours < min(each) for ours, each in zip(found, theirs, strict=True)) >= 4


def test_real_captions_of_several_videos_are_told_apart(real_data: Path) -> None:
    names = ("blocks4all_captions_en", "itaccess_captions_en", "wwa_captions_en", "paulallen_en")
    files = {name: read_captions((real_data / "transcripts" / f"{name}.vtt").read_bytes()) for name in names}
    texts = {
        name: [each.text for each in transcribe(cues, source=Source.UPLOAD, language="en", duration_seconds=None).sentences]
        for name, cues in files.items()
    }

    found = []
    for order in list(permutations(names))[::3]:
        source = [text for name in order for text in texts[name]]
        true = np.cumsum([len(texts[name]) for name in order])[:-1].tolist()
        found.append(pk(true, topics_of(source, "en").starts, len(source)))

    assert np.mean(found) <= 0.3


def test_sentences_in_no_order_have_no_topics() -> None:
    texts = list(composed(7, Style(), PARTS[:8]).sentences)
    random.Random(0).shuffle(texts)

    assert len(topics_of(texts, "en").starts) <= 1


def test_a_models_vectors_take_the_place_of_words() -> None:
    source = np.random.default_rng(0)
    centres = np.repeat(np.eye(4, 32), [20, 35, 15, 30], axis=0)
    vectors = (centres + 0.15 * source.normal(size=centres.shape)).tolist()

    found = topics_of(["same words"] * 100, "en", vectors)

    assert found.starts == (20, 55, 70)
    assert min(found.strengths) >= 1
    assert [found.of(each) for each in (0, 19, 20, 99)] == [0, 0, 1, 3]
    assert len(found.crossed(18, 60)) == 2


def test_there_is_one_vector_per_sentence() -> None:
    with pytest.raises(ValueError, match="2 vectors for 3 sentences"):
        topics_of(["a", "b", "c"], None, [[1.0], [2.0]])


@pytest.mark.parametrize("texts", [[], ["One."], ["Word."] * 4, ["."] * 50, ["the and of"] * 50, ["Same words again."] * 50])
def test_what_has_no_topics_is_one_piece(texts: list[str]) -> None:
    assert topics_of(texts, None).starts == ()


def test_scripts_without_spaces_are_divided_too() -> None:
    source = random.Random(1)
    topics = ["料理鍋野菜醤油味噌台所", "野球投手打者球場選手監督", "銀行金利株式市場投資通貨"]
    texts = ["".join(source.choices(topics[at // 30], k=14)) + "。" for at in range(90)]

    assert topics_of(texts, "ja").starts == (30, 60)


def test_the_same_words_give_the_same_topics_and_none_is_tiny() -> None:
    texts = composed(3, HARD, UNLIKE[:10]).sentences
    found = topics_of(texts, "en")

    assert found == topics_of(texts, "en")
    assert min(np.diff([0, *found.starts, len(texts)])) >= LEAST_SENTENCES


def test_pk_is_what_its_paper_says() -> None:
    assert pk((5,), (5,), 10) == 0
    assert pk((5,), (), 10) == pytest.approx(2 / 8)
    assert pk((50,), tuple(range(1, 100)), 100) == pytest.approx(50 / 75)
