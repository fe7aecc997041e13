"""The sandbox's Data API: who may see what, in pages, within a quota."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.google import API_KEY
from sandbox.google.project import has_comments_off, hides_likes
from sandbox.world import State
from tests.sandbox.google.place import ANALYTICS, EPOCH, Place


def ask(place: Place, what: str, token: str | None = None, **words: object):
    key = {} if token else {"key": API_KEY}
    return place.get(f"/youtube/v3/{what}", token, **(key | words))


def reason(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["errors"][0]["reason"]


def test_a_channel_is_found_by_id_and_by_handle_with_only_the_parts_asked_for(place: Place):
    creator = place.channels[0]

    by_id = ask(place, "channels", part="snippet", id=creator.native_id).json()["items"]
    by_handle = ask(place, "channels", part="snippet", forHandle=f"@{creator.username.upper()}").json()["items"]

    assert by_id == by_handle
    assert set(by_id[0]) == {"kind", "etag", "id", "snippet"}


def test_a_list_of_channels_that_finds_none_has_no_items(place: Place):
    answer = ask(place, "channels", part="id", id="UC" + "x" * 22).json()

    assert "items" not in answer
    assert answer["pageInfo"]["totalResults"] == 0


def test_uploads_come_newest_first_in_pages_that_join(place: Place):
    creator = place.channels[0]
    found, token = [], None
    while True:
        page = ask(
            place,
            "playlistItems",
            part="contentDetails",
            playlistId=creator.second_id,
            maxResults=7,
            **({"pageToken": token} if token else {}),
        )
        found += [item["contentDetails"]["videoId"] for item in page.json()["items"]]
        token = page.json().get("nextPageToken")
        if token is None:
            break

    assert found == [post.native_id for post in place.public(creator)]


def test_a_token_of_another_question_is_refused(place: Place):
    first, second = place.channels[:2]
    token = ask(place, "playlistItems", part="id", playlistId=first.second_id).json()["nextPageToken"]

    assert reason(ask(place, "playlistItems", part="id", playlistId=second.second_id, pageToken=token)) == (400, "invalidPageToken")
    assert reason(ask(place, "playlistItems", part="id", playlistId=first.second_id, pageToken="zzz")) == (400, "invalidPageToken")


def test_private_videos_are_their_owners_and_deleted_ones_nobodys(place: Place):
    posts = [post for creator in place.channels for post in place.world.history(creator)]
    private = next(post for post in posts if place.world.state(post, at=EPOCH) is State.PRIVATE)
    deleted = next(post for post in posts if place.world.state(post, at=EPOCH) is State.DELETED)
    other = next(creator for creator in place.channels if creator != private.creator)
    ids = f"{private.native_id},{deleted.native_id}"

    def seen(token: str | None) -> list[str]:
        return [item["id"] for item in ask(place, "videos", token, part="id", id=ids).json()["items"]]

    assert seen(None) == []
    assert seen(place.connect(other)["access_token"]) == []
    assert seen(place.connect(private.creator)["access_token"]) == [private.native_id]


def test_counters_are_texts_and_hidden_ones_are_left_out(place: Place):
    posts = place.public(place.channels[0])
    plain = next(post for post in posts if not hides_likes(post) and not has_comments_off(post))
    no_likes = next(post for post in posts if hides_likes(post))
    no_comments = next(post for post in posts if has_comments_off(post))

    def figures(post):
        return ask(place, "videos", part="statistics", id=post.native_id).json()["items"][0]["statistics"]

    seen = place.world.seen(plain, at=EPOCH)
    assert figures(plain) == {
        "viewCount": str(seen.views),
        "likeCount": str(seen.likes),
        "favoriteCount": "0",
        "commentCount": str(seen.comments),
    }
    assert "likeCount" not in figures(no_likes)
    assert "commentCount" not in figures(no_comments)
    assert reason(ask(place, "commentThreads", part="snippet", videoId=no_comments.native_id)) == (403, "commentsDisabled")


def test_a_search_finds_words_of_one_channel_after_a_moment(place: Place):
    creator, after = place.channels[0], datetime(2026, 10, 20, tzinfo=UTC)

    answer = ask(
        place,
        "search",
        part="snippet",
        q="#learn3",
        channelId=creator.native_id,
        publishedAfter=after.isoformat(),
        order="date",
        type="video",
    )

    wanted = [post.native_id for post in place.public(creator) if "learn3" in post.hashtags and post.posted_at >= after]
    assert [item["id"]["videoId"] for item in answer.json()["items"]] == wanted[:5]
    assert wanted


def test_the_chart_is_of_recent_videos_by_their_views(place: Place):
    items = ask(place, "videos", part="snippet,statistics", chart="mostPopular", regionCode="DE", maxResults=50).json()["items"]

    views = [int(item["statistics"]["viewCount"]) for item in items]
    assert views == sorted(views, reverse=True)
    assert all(item["snippet"]["publishedAt"] >= "2026-11-03" for item in items)


def test_statistics_in_batches_have_their_own_bucket(place: Place):
    post = place.public(place.channels[0])[0]

    answer = ask(place, "videos:batchGetStats", part="statistics,contentDetails", id=post.native_id)

    assert answer.json()["items"][0]["statistics"]["viewCount"] == str(place.world.seen(post, at=EPOCH).views)
    assert place.google.project.used(EPOCH) == {"units": 0, "search": 0, "insert": 0, "stats": 1}


@pytest.mark.parametrize(
    ("what", "words", "refusal"),
    [
        ("videos", {"part": "id", "id": "a", "key": "wrong"}, (400, "badRequest")),
        ("videos", {"part": "id", "id": "a", "key": ""}, (403, "forbidden")),
        ("videos", {"id": "a"}, (400, "missingRequiredParameter")),
        ("videos", {"part": "everything", "id": "a"}, (400, "unknownPart")),
        ("videos", {"part": "id"}, (400, "missingRequiredParameter")),
        ("videos", {"part": "id", "id": ",".join(map(str, range(51)))}, (400, "invalidParameter")),
        ("playlistItems", {"part": "id", "playlistId": "UUnothing"}, (404, "playlistNotFound")),
        ("playlistItems", {"part": "id", "playlistId": "UUnothing", "maxResults": 51}, (404, "playlistNotFound")),
        ("commentThreads", {"part": "snippet", "videoId": "nothing"}, (404, "videoNotFound")),
        ("channels", {"part": "id", "mine": "true"}, (401, "authorizationRequired")),
    ],
)
def test_what_cannot_be_answered_is_refused_with_googles_reason(place: Place, what, words, refusal):
    assert reason(ask(place, what, **words)) == refusal


def test_a_wrong_token_and_one_without_the_scope_are_refused(place: Place):
    token = place.connect(place.channels[0], (ANALYTICS,))["access_token"]

    assert reason(ask(place, "channels", "ya29.guess", part="id", mine="true")) == (401, "authError")
    assert reason(ask(place, "channels", token, part="id", mine="true")) == (403, "insufficientPermissions")


def test_a_used_up_quota_refuses_until_midnight_in_los_angeles(place: Place):
    place.post(f"{place.url}/_google/quota", json={"units": 51, "search": 1})
    post = place.public(place.channels[0])[0]

    assert ask(place, "captions", part="snippet", videoId=post.native_id).status_code == 200
    assert ask(place, "videos", part="id").status_code == 400  # an invalid question costs as well
    assert reason(ask(place, "videos", part="id", id=post.native_id)) == (403, "quotaExceeded")
    assert ask(place, "search", part="snippet", q="a").status_code == 200
    assert reason(ask(place, "search", part="snippet", q="a")) == (403, "quotaExceeded")

    place.clock.advance(timedelta(hours=19, minutes=59))  # 07:59 UTC: the old day by a minute
    assert reason(ask(place, "videos", part="id", id=post.native_id)) == (403, "quotaExceeded")
    place.clock.advance(timedelta(minutes=1))
    assert ask(place, "videos", part="id", id=post.native_id).status_code == 200


def test_an_answer_that_is_known_is_not_sent_again(place: Place):
    words = {"part": "snippet", "id": place.public(place.channels[0])[0].native_id, "key": API_KEY}
    first = place.get("/youtube/v3/videos", **words)

    again = place.ask_again("/youtube/v3/videos", first.headers["etag"], **words)

    assert (again.status_code, again.content) == (304, b"")
