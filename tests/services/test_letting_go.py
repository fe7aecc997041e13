"""Bytes are kept for some days only: what goes, what stays, and what a crash in the middle leaves."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.errors import Gone, NotFound, SourceUnavailable
from domain.requests import State
from domain.retention import BytesKept
from gateways.files.store import LocalFiles
from services import clips, kept_files, letting_go, media
from services.letting_go import LetGo
from store.clip_rows import Clip
from store.database import Database
from store.ids import new_id
from store.media import MediaFile
from tests.conftest import Member
from tests.services.alone import Alone
from tests.store.media import put_clip, put_media

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
KEPT = BytesKept()


@dataclass(frozen=True, slots=True)
class Shelf:
    """A workspace with real files behind its rows."""

    database: Database
    files: LocalFiles
    tenant_id: UUID

    def put(self, content: str, *, unused_days: float = 0, captions: str | None = None) -> MediaFile:
        """A video, last used so long ago; its first clip is done."""
        stored = self._stored(content)
        file: dict[str, Any] = {"file_key": stored.key, "sha256": stored.sha256, "size_bytes": stored.size_bytes}
        if captions is not None:
            words = self._stored(captions)
            file |= {"captions_key": words.key, "captions_sha256": words.sha256}
        with self.database.begin(self.tenant_id) as uow:
            found = put_media(uow, content, **file)
        self.run("update media set used_at = :then where media_id = :id", id=found.media_id, then=NOW - unused_days * DAY)
        return found

    def put_clip(self, of: MediaFile, content: str, *, published_days: float | None = None) -> Clip:
        """A rendered clip with its thumbnail."""
        stored, picture = self._stored(content), self._stored(f"picture of {content}")
        with self.database.begin(self.tenant_id) as uow:
            clip = put_clip(uow, of, has_request=False)
        self.run(
            "update clips set state = 'rendered', seconds = 9, file_key = :key, sha256 = :sha256, thumbnail_key = :picture,"
            " thumbnail_sha256 = :picture_sha256, published_at = :then where clip_id = :id",
            id=clip.clip_id, key=stored.key, sha256=stored.sha256, picture=picture.key, picture_sha256=picture.sha256,
            then=None if published_days is None else NOW - published_days * DAY,
        )  # fmt: skip
        return self.clip(clip.clip_id)

    def run(self, statement: str, **words: object) -> None:
        import sqlalchemy as sa

        with self.database.begin(self.tenant_id) as uow:
            uow.connection.execute(sa.text(statement), words)

    def media(self, media_id: UUID) -> MediaFile:
        with self.database.begin(self.tenant_id) as uow:
            return uow.media.get(media_id)

    def clip(self, clip_id: UUID) -> Clip:
        with self.database.begin(self.tenant_id) as uow:
            return uow.clips.get(clip_id)

    def work(self) -> Alone:
        with self.database.begin(self.tenant_id) as uow:
            return Alone(self.database, uow.requests.ask(request_id=new_id(), kind="manual", subject="x", params={}, user_id=None))

    def tidy(self, *, now: datetime = NOW, batch: int = 100, files: LocalFiles | None = None) -> LetGo:
        return letting_go.let_go(self.work(), files or self.files, KEPT, now=now, batch=batch)

    def has(self, key: str | None) -> bool:
        return key is not None and self.files.path(key).exists()

    def _stored(self, content: str) -> Any:
        return self.files.put(self.tenant_id, [content.encode()], limit_bytes=1_000)


@pytest.fixture
def shelf(database: Database, member: Member, tmp_path: Path) -> Shelf:
    return Shelf(database, LocalFiles(tmp_path), member.tenant_id)


class Dying(LocalFiles):
    """Ends the run where the first file is to be deleted; its store is away, as far as the run can tell."""

    def delete(self, key: str) -> None:
        raise SourceUnavailable("file store", f"away before {key}")


def test_a_video_that_nobody_used_for_a_week_loses_its_bytes_and_keeps_its_row(shelf: Shelf) -> None:
    old, fresh = shelf.put("old", unused_days=7.1, captions="its words"), shelf.put("fresh", unused_days=6.9)

    gone = shelf.tidy()

    assert gone == LetGo(videos=1, clips=0, thumbnails=0, deleted=2, shared=0)
    assert [shelf.has(key) for key in (old.file_key, old.captions_key, fresh.file_key)] == [False, False, True]
    assert shelf.media(old.media_id).expired_at == NOW
    with pytest.raises(Gone, match=f"{old.sha256}.*{NOW:%Y-%m-%d}"):
        kept_files.key_of_media(shelf.media(old.media_id))
    assert kept_files.key_of_media(shelf.media(fresh.media_id)) == fresh.file_key


def test_a_second_run_changes_nothing(shelf: Shelf) -> None:
    old = shelf.put("old", unused_days=8)
    shelf.tidy()

    assert shelf.tidy(now=NOW + DAY) == LetGo(videos=0, clips=0, thumbnails=0, deleted=0, shared=0)
    assert shelf.media(old.media_id).expired_at == NOW


def test_many_rows_go_batch_by_batch(shelf: Shelf) -> None:
    keys = [shelf.put(f"old {number}", unused_days=8 + number).file_key for number in range(5)]

    assert shelf.tidy(batch=2).deleted == 5
    assert not any(map(shelf.has, keys))


@pytest.mark.parametrize("state", ["asked", "suggested", "rendering", "checking"])
def test_a_video_of_which_a_clip_is_unfinished_stays(shelf: Shelf, state: str) -> None:
    old = shelf.put("old", unused_days=100)
    with shelf.database.begin(shelf.tenant_id) as uow:
        clip = put_clip(uow, old)
        uow.requests.claim(clip.request_id, 1, "a run")
        uow.requests.end(clip.request_id, State.SUCCEEDED)
    shelf.run("update clips set state = :state", state=state)

    assert (shelf.tidy().videos, shelf.has(old.file_key)) == (0, True)


def test_a_video_whose_clip_was_canceled_is_not_held_by_it(shelf: Shelf) -> None:
    old = shelf.put("old", unused_days=8)
    with shelf.database.begin(shelf.tenant_id) as uow:
        uow.requests.cancel(put_clip(uow, old).request_id)

    assert (shelf.tidy().videos, shelf.has(old.file_key)) == (1, False)


def test_a_video_that_an_open_request_is_about_stays_until_the_request_ends(shelf: Shelf) -> None:
    old = shelf.put("old", unused_days=8)
    with shelf.database.begin(shelf.tenant_id) as uow:
        params = {"media_id": str(old.media_id), "clip_id": str(new_id())}
        request = uow.requests.ask(request_id=new_id(), kind="clip", subject="x", params=params, user_id=None)
    before = shelf.tidy().videos
    with shelf.database.begin(shelf.tenant_id) as uow:
        uow.requests.cancel(request.request_id)

    assert (before, shelf.tidy().videos) == (0, 1)


def test_a_clip_goes_a_week_after_its_publication_and_its_thumbnail_a_month_after(shelf: Shelf) -> None:
    source = shelf.put("source")
    week, month, fresh = (shelf.put_clip(source, name, published_days=days) for name, days in (("w", 8), ("m", 31), ("f", 6)))

    gone = shelf.tidy()

    assert (gone.clips, gone.thumbnails, gone.deleted) == (2, 1, 3)
    assert [shelf.has(each.file_key) for each in (week, month, fresh)] == [False, False, True]
    assert [shelf.has(each.thumbnail_key) for each in (week, month, fresh)] == [True, False, True]
    with pytest.raises(Gone, match="clip"):
        kept_files.key_of_clip(shelf.clip(week.clip_id))
    assert kept_files.key_of_thumbnail(shelf.clip(week.clip_id)) == week.thumbnail_key
    with pytest.raises(Gone, match="thumbnail"):
        kept_files.key_of_thumbnail(shelf.clip(month.clip_id))


def test_a_clip_that_nobody_published_stays_for_good_though_its_source_goes(shelf: Shelf) -> None:
    source = shelf.put("source", unused_days=8)
    clip = shelf.put_clip(source, "unpublished")

    shelf.tidy(now=NOW + 1000 * DAY)

    assert [shelf.has(key) for key in (source.file_key, clip.file_key, clip.thumbnail_key)] == [False, True, True]


def test_bytes_that_another_row_stands_on_stay_until_that_one_goes_too(shelf: Shelf) -> None:
    old, fresh = shelf.put("the same", unused_days=8), shelf.put("the same", unused_days=1)

    first = shelf.tidy()
    has_after_first = shelf.has(fresh.file_key)
    second = shelf.tidy(now=NOW + 7 * DAY)

    assert (first.deleted, first.shared, has_after_first) == (0, 1, True)
    assert shelf.media(old.media_id).expired_at == NOW
    assert (second.deleted, shelf.has(fresh.file_key)) == (1, False)


def test_a_thumbnail_holds_its_bytes_like_any_other_file(shelf: Shelf) -> None:
    source = shelf.put("source")
    clip = shelf.put_clip(source, "clip")

    with shelf.database.begin(shelf.tenant_id) as uow:
        assert uow.kept.is_held(clip.thumbnail_sha256 or "")


def test_a_store_that_is_away_leaves_marked_rows_and_the_next_run_ends_the_work(shelf: Shelf) -> None:
    old = shelf.put("old", unused_days=8)

    with pytest.raises(SourceUnavailable):
        shelf.tidy(files=Dying(shelf.files._root))

    marked, has_bytes = shelf.media(old.media_id).expired_at, shelf.has(old.file_key)
    again = shelf.tidy(now=NOW + DAY)
    assert (marked, has_bytes) == (NOW, True)
    assert (again.videos, again.deleted, shelf.has(old.file_key)) == (0, 1, False)


def test_the_same_video_sent_again_between_mark_and_deletion_keeps_its_bytes(shelf: Shelf) -> None:
    shelf.put("old", unused_days=8)
    with pytest.raises(SourceUnavailable):
        shelf.tidy(files=Dying(shelf.files._root))
    fresh = shelf.put("old")

    assert (shelf.tidy().shared, shelf.has(fresh.file_key)) == (1, True)


def test_asking_for_a_clip_begins_the_days_anew(shelf: Shelf) -> None:
    old = shelf.put("old", unused_days=6)
    with shelf.database.begin(shelf.tenant_id) as uow:
        _, request = clips.ask(uow, old.media_id, put_clip(uow, old, has_request=False).wanted)
    shelf.run("update clips set state = 'failed'")
    with shelf.database.begin(shelf.tenant_id) as uow:
        uow.requests.cancel(request.request_id)

    assert shelf.tidy(now=NOW + 2 * DAY).videos == 0


def test_no_clip_is_made_of_a_video_whose_bytes_are_gone(shelf: Shelf) -> None:
    old = shelf.put("old", unused_days=8)
    shelf.tidy()

    with shelf.database.begin(shelf.tenant_id) as uow:
        clip = put_clip(uow, old)
        with pytest.raises(Gone):
            clips.ask(uow, old.media_id, clip.wanted)
    with pytest.raises(Gone):
        media.at_hand(shelf.work(), shelf.files, clip.media_id)


def test_deleting_a_clip_takes_its_thumbnail_along(shelf: Shelf) -> None:
    clip = shelf.put_clip(shelf.put("source"), "clip")
    columns = "tenant_id, request_id, kind, subject, claim_on, state"
    shelf.run(f"insert into requests ({columns}) select tenant_id, request_id, 'clip', 'x', 'clips', 'succeeded' from clips")

    with shelf.database.begin(shelf.tenant_id) as uow:
        clips.delete(uow, shelf.files, clip.clip_id)

    assert [shelf.has(key) for key in (clip.file_key, clip.thumbnail_key)] == [False, False]


def test_a_clip_that_is_not_rendered_has_no_file(shelf: Shelf) -> None:
    source = shelf.put("source")
    with shelf.database.begin(shelf.tenant_id) as uow:
        clip = put_clip(uow, source)

    for key_of in (kept_files.key_of_clip, kept_files.key_of_thumbnail):
        with pytest.raises(NotFound):
            key_of(clip)


def test_what_should_have_gone_and_has_not_is_counted(shelf: Shelf) -> None:
    source = shelf.put("source", unused_days=9)
    shelf.put_clip(source, "clip", published_days=40)
    before = {"videos_before": NOW - KEPT.video, "thumbnails_before": NOW - KEPT.thumbnail, "marked_before": NOW}

    with shelf.database.begin(shelf.tenant_id) as uow:
        overdue = uow.leaving.overdue(**before)
    shelf.tidy()

    assert overdue == {"media": 1, "clips": 1, "thumbnails": 1, "leaving_files": 0}
    with shelf.database.begin(shelf.tenant_id) as uow:
        assert not any(uow.leaving.overdue(**before).values())


def test_another_workspaces_videos_are_not_looked_at(shelf: Shelf, other: Member) -> None:
    theirs = Shelf(shelf.database, shelf.files, other.tenant_id)
    old = theirs.put("old", unused_days=100)

    assert (shelf.tidy().videos, theirs.has(old.file_key)) == (0, True)
