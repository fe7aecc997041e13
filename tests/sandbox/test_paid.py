"""The paid providers as the sandbox words them, on the wire: who is let in, how orders move, what is billed, what is refused."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.instagram import COMMENTS, POSTS, PROFILES, REELS
from tests.gateways.worlds import Paid, paid


@pytest.fixture(scope="module")
def standing() -> Iterator[Paid]:
    with paid() as there:
        yield there


@pytest.fixture
def there(standing: Paid) -> Paid:
    standing.brightdata.snapshots.clear()
    standing.brightdata.billed_records = standing.twitterapi.spent_credits = 0
    return standing


@pytest.fixture
def client(there: Paid) -> Iterator[httpx.Client]:
    headers = {"Authorization": "Bearer a-key", "X-API-Key": "a-key"}
    with httpx.Client(base_url=there.url, headers=headers, trust_env=False, verify=False) as client:
        yield client


def profile_url(there: Paid) -> str:
    return f"https://www.instagram.com/{there.creator('instagram').username}/"


def order(client: httpx.Client, dataset: str, inputs: Any, **more: str) -> httpx.Response:
    return client.post("/datasets/v3/trigger", params={"dataset_id": dataset, **more}, json=inputs)


@pytest.mark.parametrize("path", ["/datasets/v3/progress/s_1", "/twitter/user/info"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer revoked", "X-API-Key": "revoked"}])
def test_nobody_is_let_in_without_a_key(there, path, headers):
    answer = httpx.get(f"{there.url}{path}", headers=headers, trust_env=False, verify=False)

    assert answer.status_code == 401


def test_an_order_gets_ready_with_the_clock(there, client):
    key = order(client, PROFILES, [{"url": profile_url(there)}]).json()["snapshot_id"]

    early = client.get(f"/datasets/v3/snapshot/{key}")
    there.clock.advance(timedelta(minutes=1))
    late = client.get(f"/datasets/v3/snapshot/{key}")

    assert (early.status_code, early.json()["status"]) == (202, "starting")
    assert late.json()[0]["account"] == there.creator("instagram").username


def test_an_order_moves_with_each_look_and_says_what_it_delivered(there, client):
    key = order(client, PROFILES, {"input": [{"url": profile_url(there)}, {"url": "https://www.instagram.com/nobody.here"}]}).json()[
        "snapshot_id"
    ]

    looks = [client.get(f"/datasets/v3/progress/{key}").json() for _ in range(4)]

    assert [look["status"] for look in looks] == ["starting", "running", "digesting", "ready"]
    assert (looks[-1]["records"], looks[-1]["errors"]) == (1, 1)
    assert there.brightdata.billed_records == 1


def test_a_snapshot_shows_the_moment_of_its_order(there, client):
    key = order(client, POSTS, [{"url": profile_url(there), "num_of_posts": 1}], type="discover_new", discover_by="url").json()[
        "snapshot_id"
    ]
    before = there.world.posts(there.creator("instagram"), at=there.clock.now())[0]
    there.clock.advance(timedelta(days=1))

    (record,) = client.get(f"/datasets/v3/snapshot/{key}").json()

    assert record["shortcode"] == before.native_id
    assert record["video_play_count"] == there.world.seen(before, at=there.clock.now() - timedelta(days=1)).views


@pytest.mark.parametrize(
    ("dataset", "inputs", "more", "said"),
    [
        ("gd_other", [{"url": "x"}], {}, "Collector not found"),
        (REELS, [{"url": "x"}], {"type": "discover_new", "discover_by": "profile_url"}, "Incorrect discovery collector id"),
        (REELS, [{"url": "x", "post_type": "Reel"}], {"type": "discover_new", "discover_by": "url"}, "should not contain a post_type"),
        (COMMENTS, [{"uri": "x"}], {}, "should not contain a uri"),
        (PROFILES, [{}], {}, "needs a url"),
        (PROFILES, [], {}, "list of inputs"),
        (PROFILES, "x", {}, "list of inputs"),
    ],
)
def test_an_order_that_says_something_odd_is_refused_in_words(there, client, dataset, inputs, more, said):
    answer = order(client, dataset, inputs, **more)

    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert there.brightdata.billed_records == 0


def test_few_are_scraped_at_once_and_many_are_not(there, client):
    url = profile_url(there)

    at_once = client.post("/datasets/v3/scrape", params={"dataset_id": PROFILES}, json=[{"url": url}])
    too_many = client.post("/datasets/v3/scrape", params={"dataset_id": PROFILES}, json=[{"url": url}] * 21)

    assert (at_once.status_code, at_once.json()[0]["id"]) == (200, there.creator("instagram").native_id)
    assert too_many.status_code == 400


def test_orders_are_listed_with_what_they_delivered(there, client):
    order(client, PROFILES, [{"url": profile_url(there)}])

    (listed,) = client.get("/datasets/v3/snapshots", params={"dataset_id": PROFILES}).json()

    assert (listed["dataset_id"], listed["dataset_size"]) == (PROFILES, 1)
    assert client.get("/datasets/v3/snapshots", params={"dataset_id": POSTS}).json() == []


def test_nothing_at_an_address_that_is_not_there(client):
    assert client.get("/datasets/v3/progress/s_none").status_code == 404
    assert client.get("/datasets/v3/elsewhere").status_code == 404
    assert client.get("/twitter/elsewhere").status_code == 404


def test_pages_of_x_follow_each_other_without_a_gap(there, client):
    creator, cursor, ids = there.creator("x"), "", list[str]()
    while True:
        page = client.get("/twitter/user/last_tweets", params={"userId": creator.native_id, "cursor": cursor}).json()
        ids += [tweet["id"] for tweet in page["data"]["tweets"]]
        if not page["has_next_page"]:
            break
        cursor = page["next_cursor"]

    assert ids == [post.native_id for post in there.world.posts(creator, at=there.clock.now())]
    assert there.twitterapi.spent_credits == 15 * len(ids)
    assert client.get("/oapi/my/info").json()["recharge_credits"] == 10_000_000 - there.twitterapi.spent_credits


def test_whoever_is_not_found_on_x_is_told_beside_200(client):
    answer = client.get("/twitter/user/info", params={"userName": "nobody"})

    assert (answer.status_code, answer.json()["status"], answer.json()["data"]) == (200, "error", None)


def test_handles_on_x_are_as_long_as_x_allows_and_nobodys_twice(there):
    handles = [creator.username for creator in there.world.creators if creator.platform == "x"]

    assert max(map(len, handles)) <= 15
    assert len(set(handles)) == len(handles)
