"""What an operator may configure to have parts of videos ranked better."""

from dataclasses import dataclass

from domain.ports import Embeds


@dataclass(frozen=True, slots=True)
class RankingAids:
    """Without an embedding, topics are told by words."""

    embeds: Embeds | None = None
