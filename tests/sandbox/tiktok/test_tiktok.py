"""The sandbox's TikTok: shaped as a recording of the real one, closed to whoever did not come by the page, and true to its world."""

import gzip
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import av
import pytest

from domain.links import LinkKind, read_link
from sandbox.serving import Answered, Asked
from sandbox.tiktok import TikTok, short_code
from sandbox.world import Clock, State, World, make_world

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)
SIGNED = {"cookie": "msToken=x"}
CHART = "/creative_radar_api/v1/popular_trend/sound/rank_list"
# What tiktok-scraper called it in 2020, and where the same thing stands in an item of today.
SAME = {
    ("id",): ("id",), ("text",): ("desc",), ("createTime",): ("createTime",), ("authorMeta", "id"): ("author", "id"),
    ("authorMeta", "secUid"): ("author", "secUid"), ("authorMeta", "name"): ("author", "uniqueId"),
    ("authorMeta", "nickName"): ("author", "nickname"), ("authorMeta", "verified"): ("author", "verified"),
    ("authorMeta", "signature"): ("author", "signature"), ("authorMeta", "avatar"): ("author", "avatarLarger"),
    ("musicMeta", "musicId"): ("music", "id"), ("musicMeta", "musicName"): ("music", "title"),
    ("musicMeta", "musicAuthor"): ("music", "authorName"), ("musicMeta", "musicOriginal"): ("music", "original"),
    ("musicMeta", "playUrl"): ("music", "playUrl"), ("musicMeta", "coverThumb"): ("music", "coverThumb"),
    ("musicMeta", "coverMedium"): ("music", "coverMedium"), ("musicMeta", "coverLarge"): ("music", "coverLarge"),
    ("covers", "default"): ("video", "cover"), ("covers", "origin"): ("video", "originCover"),
    ("covers", "dynamic"): ("video", "dynamicCover"), ("videoUrl",): ("video", "playAddr"), ("videoMeta", "height"): ("video", "height"),
    ("videoMeta", "width"): ("video", "width"), ("videoMeta", "duration"): ("video", "duration"),
    ("diggCount",): ("stats", "diggCount"), ("shareCount",): ("stats", "shareCount"), ("playCount",): ("stats", "playCount"),
    ("commentCount",): ("stats", "commentCount"), ("mentions",): ("textExtra",), ("hashtags",): ("challenges",),
}  # fmt: skip
# Not in an item: made by the scraper.
SCRAPERS_OWN = {("webVideoUrl",), ("videoUrlNoWaterMark",), ("downloaded",)}


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(seed=7, epoch=EPOCH, accounts=11, posts=48)


@pytest.fixture(scope="module")
def service(world: World, tmp_path_factory: pytest.TempPathFactory) -> TikTok:
    return TikTok(world, Clock(frozen_at=EPOCH), folder=tmp_path_factory.mktemp("media"))


def find(service: TikTok, url: str, **headers: str) -> Answered | None:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return service.answer(Asked("GET", parts.hostname or "", parts.path, query, {k: [v] for k, v in query.items()}, headers, b""))


def ask(service: TikTok, url: str, **headers: str) -> Answered:
    found = find(service, url, **headers)
    assert found, url
    return found


def call(service: TikTok, path: str, **words: object) -> Any:
    query = "&".join(f"{name}={value}" for name, value in {**words, "X-Bogus": "DFSz1"}.items())
    return json.loads(ask(service, f"https://www.tiktok.com/api/{path}/?{query}", **SIGNED).body)


def scope(service: TikTok, path: str, name: str) -> Any:
    page = ask(service, f"https://www.tiktok.com{path}").body.decode()
    data = page.split('<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">')[1].split("</script>")[0]
    return json.loads(data)["__DEFAULT_SCOPE__"][name]


def post(world: World, state: State):
    posts = (post for creator, theirs in world._posts.items() if creator.platform == "tiktok" for post in theirs)
    return next(post for post in posts if world.state(post, at=EPOCH) is state)


def flat(row: dict[str, object], *before: str) -> dict[tuple[str, ...], object]:
    found: dict[tuple[str, ...], object] = {}
    for name, value in row.items():
        found |= flat(value, *before, name) if isinstance(value, dict) else {(*before, name): value}
    return found


@pytest.mark.real_data
def test_an_item_has_the_fields_of_the_recording_in_the_same_types(service, world, real_data):
    with gzip.open(Path(real_data) / "tiktok_trending_2020/trending.json.gz", "rt", encoding="utf-8") as file:
        recorded = json.load(file)
    rows = recorded if isinstance(recorded, list) else recorded["collector"]
    item = flat(scope(service, f"/@_/video/{post(world, State.PUBLIC).native_id}", "webapp.video-detail")["itemInfo"]["itemStruct"])

    for row in rows[:300]:
        told = flat(row)
        assert told.keys() - SCRAPERS_OWN <= SAME.keys()
        assert {name: type(value) for name, value in told.items() if name in SAME and type(value) is not type(item[SAME[name]])} == {}


@pytest.mark.real_data
def test_ids_look_as_the_recorded_ones(world, real_data):
    with gzip.open(Path(real_data) / "tiktok_trending_2020/trending.json.gz", "rt", encoding="utf-8") as file:
        recorded = json.load(file)
    row = (recorded if isinstance(recorded, list) else recorded["collector"])[0]
    made = post(world, State.PUBLIC)

    assert len(made.creator.second_id) == len(row["authorMeta"]["secUid"])
    assert made.native_id.isdigit()
    assert int(made.native_id) >> 32 == int(made.posted_at.timestamp())
    assert abs((int(row["id"]) >> 32) - row["createTime"]) < 60


def test_the_api_is_empty_to_whoever_did_not_come_by_the_page(service, world):
    name = post(world, State.PUBLIC).creator.username
    unsigned = ask(service, f"https://www.tiktok.com/api/user/detail/?uniqueId={name}", **SIGNED)
    without_cookie = ask(service, f"https://www.tiktok.com/api/user/detail/?uniqueId={name}&X-Bogus=DFSz1")

    assert [(answer.status, answer.body) for answer in (unsigned, without_cookie)] == [(200, b"")] * 2
    assert call(service, "user/detail", uniqueId=name)["userInfo"]["user"]["uniqueId"] == name


def test_the_start_page_signs_gives_a_token_and_asks_for_something_later(service):
    page = ask(service, "https://www.tiktok.com/")

    assert "msToken=" in page.headers["Set-Cookie"]
    assert b"byted_acrawler" in page.body
    assert b"/api/heartbeat/" in page.body


def test_pages_of_a_list_follow_each_other_without_gap_or_repeat(service, world):
    creator = next(c for c in world.creators if c.platform == "tiktok" and c.number % 5 != 2)
    ids: list[str] = []
    cursor = "0"
    while True:
        page = call(service, "post/item_list", secUid=creator.second_id, count=10, cursor=cursor)
        ids += [item["id"] for item in page["itemList"]]
        if not page["hasMore"]:
            break
        cursor = page["cursor"]

    assert ids == [post.native_id for post in world.posts(creator, at=EPOCH)]


@pytest.mark.parametrize(("state", "code"), [(State.DELETED, 10204), (State.PRIVATE, 10216), (State.NOT_YET, 10204), (State.PUBLIC, 0)])
def test_a_video_page_says_how_the_post_stands(service, world, state, code):
    assert scope(service, f"/@_/video/{post(world, state).native_id}", "webapp.video-detail")["statusCode"] == code


def test_a_user_that_is_not_there_has_tiktoks_number(service):
    assert scope(service, "/@nobody_at_all", "webapp.user-detail")["statusCode"] == 10202
    assert call(service, "user/detail", uniqueId="nobody_at_all")["status_code"] == 10202
    assert call(service, "challenge/detail", challengeName="nobodyusesthis")["status_code"] == 10205
    assert call(service, "music/detail", musicId="1")["status_code"] == 10203


@pytest.mark.parametrize("where", ["https://vm.tiktok.com/{}/", "https://vt.tiktok.com/{}", "https://www.tiktok.com/t/{}/"])
def test_a_short_link_leads_to_its_video(service, world, where):
    made = post(world, State.PUBLIC)
    link = where.format(short_code(made.native_id))

    answer = ask(service, link)

    assert read_link(link).kind is LinkKind.SHORT
    assert answer.status == 301
    assert read_link(answer.headers["Location"]).external_id == made.native_id
    assert find(service, where.format("ZMnothing")) is None


def test_media_play_and_come_in_parts(service, world, tmp_path):
    address = scope(service, f"/@_/video/{post(world, State.PUBLIC).native_id}", "webapp.video-detail")["itemInfo"]["itemStruct"]["video"]
    whole = ask(service, address["playAddr"])
    some = ask(service, address["playAddr"], range="bytes=10-19")
    beyond = ask(service, address["playAddr"], range="bytes=99999999-")

    (tmp_path / "clip.mp4").write_bytes(whole.body)
    with av.open(str(tmp_path / "clip.mp4")) as opened:
        assert opened.streams.video[0].height > opened.streams.video[0].width
    assert (some.status, some.body, some.headers["Content-Range"]) == (206, whole.body[10:20], f"bytes 10-19/{len(whole.body)}")
    assert beyond.status == 416


def test_charts_differ_by_country_and_are_refused_elsewhere(service):
    addresses = {country: f"https://ads.tiktok.com{CHART}?country_code={country}&limit=20" for country in ("US", "JP", "XX")}

    charts = {country: json.loads(ask(service, address).body) for country, address in addresses.items()}

    assert [entry["rank"] for entry in charts["US"]["data"]["sound_list"]] == list(range(1, 21))
    assert charts["US"]["data"]["sound_list"] != charts["JP"]["data"]["sound_list"]
    assert charts["XX"]["code"] == 40002


def test_users_are_found_by_a_part_of_their_name(service, world):
    creator = next(c for c in world.creators if c.platform == "tiktok")

    found = call(service, "search/user/full", keyword=creator.username[:8])

    assert creator.second_id in [row["user_info"]["sec_uid"] for row in found["user_list"]]


def test_nothing_is_said_about_addresses_that_are_not_there(service):
    assert find(service, "https://www.tiktok.com/nowhere/at/all") is None
    assert find(service, "https://www.tiktok.com/api/nothing/here/") is None
    assert find(service, "https://ads.tiktok.com/other") is None


def test_who_asks_with_a_clock_behind_ours_still_sees_the_newest_post(world, tmp_path):
    """yt-dlp begins at its own present; the sandbox's clock can be moved ahead of it."""
    ahead = datetime(2027, 6, 1, tzinfo=UTC)
    service, creator = TikTok(world, Clock(frozen_at=ahead), folder=tmp_path), next(c for c in world.creators if c.platform == "tiktok")
    ids: list[str] = []
    cursor = int(time.time() * 1000)
    while True:
        address = f"https://www.tiktok.com/api/creator/item_list/?secUid={creator.second_id}&cursor={cursor}&count=15"
        page = json.loads(ask(service, address).body)
        ids += [item["id"] for item in page["itemList"]]
        if not page["hasMorePrevious"]:
            break
        cursor = page["itemList"][-1]["createTime"] * 1000

    assert ids == [post.native_id for post in world.posts(creator, at=ahead)]
