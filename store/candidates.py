"""Parts of videos that could be clips, as stored: best first, with the signals that could be told and why others could not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from domain.clips.candidates import Candidate
from domain.clips.choosing import METHOD
from domain.clips.runs import Reason
from domain.errors import NotFound
from store.ids import new_id
from store.repository import Repository
from store.tables.clips import clip_candidates, clips


@dataclass(frozen=True, slots=True)
class StoredCandidate:
    """A part of a video. `rank` counts from 1; `absent`: signals that could not be told, each with why; `clips`: made of it so far."""

    candidate_id: UUID
    media_id: UUID
    request_id: UUID
    rank: int
    start_seconds: float
    end_seconds: float
    text: str
    ranking_score: float
    reasons: Sequence[Reason]
    absent: Mapping[str, str]
    method: str
    created_at: datetime
    clips: int


_C = clip_candidates.c
_MADE = (
    sa.select(sa.func.count())
    .where(clips.c.tenant_id == _C.tenant_id, clips.c.candidate_id == _C.candidate_id)
    .correlate(clip_candidates)
    .scalar_subquery()
    .label("clips")
)
_SHOWN = tuple(_MADE if name == "clips" else _C[name] for name in StoredCandidate.__dataclass_fields__)


class Candidates(Repository):
    """One tenant's candidates."""

    def replace(self, media_id: UUID, request_id: UUID, found: Sequence[Candidate]) -> list[StoredCandidate]:
        """The candidates of a video from now on. Clips that were made of others stay as they are."""
        self._run(clip_candidates.delete().where(_C.tenant_id == self._tenant_id, _C.media_id == media_id))
        for rank, candidate in enumerate(found, 1):
            self._insert(clip_candidates, {
                "candidate_id": new_id(), "media_id": media_id, "request_id": request_id, "rank": rank,
                "start_seconds": candidate.start_seconds, "end_seconds": candidate.end_seconds, "text": candidate.text,
                "ranking_score": candidate.ranking_score, "reasons": msgspec.to_builtins(candidate.reasons),
                "absent": {each.name: each.reason for each in candidate.absent}, "method": METHOD,
            })  # fmt: skip
        return self.of_media(media_id)

    def of_media(self, media_id: UUID) -> list[StoredCandidate]:
        """Best first."""
        return self._found(_C.media_id == media_id)

    def of_request(self, request_id: UUID) -> list[StoredCandidate]:
        """Those that a run found, where no later one took their place."""
        return self._found(_C.request_id == request_id)

    def get(self, candidate_id: UUID) -> StoredCandidate:
        found = self._found(_C.candidate_id == candidate_id)
        if not found:
            raise NotFound("candidate", candidate_id)
        return found[0]

    def _found(self, where: sa.ColumnElement[bool]) -> list[StoredCandidate]:
        rows = self._run(sa.select(*_SHOWN).where(_C.tenant_id == self._tenant_id, where).order_by(_C.rank))
        return [_candidate(row) for row in rows]


def _candidate(row: sa.Row[Any]) -> StoredCandidate:
    words = dict(row._mapping)
    return StoredCandidate(**{**words, "reasons": msgspec.convert(words["reasons"], tuple[Reason, ...])})
