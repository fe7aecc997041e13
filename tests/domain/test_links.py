"""Links that people paste, and links that somebody pastes to get us elsewhere: each names what it names, or is refused in clear words."""

import pytest

from domain.errors import Unacceptable
from domain.links import EXPECTED, HOSTS, SHORT_HOSTS, Link, LinkKind, read_handle, read_link
from domain.observations import Platform

TIKTOK, YOUTUBE, INSTAGRAM, X = Platform.TIKTOK, Platform.YOUTUBE, Platform.INSTAGRAM, Platform.X
VIDEO, ACCOUNT, SHORT = LinkKind.VIDEO, LinkKind.ACCOUNT, LinkKind.SHORT
CHANNEL = "UC" + "a" * 22


@pytest.mark.parametrize(
    ("text", "platform", "kind", "external_id", "username"),
    [
        ("https://www.tiktok.com/@some.body/video/7300000000000000001", TIKTOK, VIDEO, "7300000000000000001", "some.body"),
        ("tiktok.com/@some.body/photo/7300000000000000001?is_from_webapp=1&sender=2", TIKTOK, VIDEO, "7300000000000000001", "some.body"),
        ("https://m.tiktok.com/v/7300000000000000001.html", TIKTOK, VIDEO, "7300000000000000001", None),
        ("https://www.tiktok.com/@some.body", TIKTOK, ACCOUNT, None, "some.body"),
        ("https://www.tiktok.com/@some.body/?lang=de", TIKTOK, ACCOUNT, None, "some.body"),
        ("https://vm.tiktok.com/ZMabc123/", TIKTOK, SHORT, "ZMabc123", None),
        ("https://www.tiktok.com/t/ZTabc123", TIKTOK, SHORT, "ZTabc123", None),
        ("https://www.youtube.com/watch?v=abcdefghij-&list=PL1&t=10s", YOUTUBE, VIDEO, "abcdefghij-", None),
        ("https://youtu.be/abcdefghij_?si=xyz", YOUTUBE, VIDEO, "abcdefghij_", None),
        ("youtube.com/shorts/abcdefghij1", YOUTUBE, VIDEO, "abcdefghij1", None),
        ("https://music.youtube.com/watch?v=abcdefghij1", YOUTUBE, VIDEO, "abcdefghij1", None),
        (f"https://www.youtube.com/channel/{CHANNEL}/videos", YOUTUBE, ACCOUNT, CHANNEL, None),
        ("https://www.youtube.com/@Some-Body/shorts", YOUTUBE, ACCOUNT, None, "Some-Body"),
        ("https://www.instagram.com/reel/DVNLU52gCAP/?igsh=abc", INSTAGRAM, VIDEO, "DVNLU52gCAP", None),
        ("https://www.instagram.com/some.body/p/DVNLU52gCAP/", INSTAGRAM, VIDEO, "DVNLU52gCAP", None),
        ("instagram.com/some.body/", INSTAGRAM, ACCOUNT, None, "some.body"),
        ("https://twitter.com/somebody/status/1866384938472/photo/1", X, VIDEO, "1866384938472", "somebody"),
        ("https://x.com/i/web/status/1866384938472", X, VIDEO, "1866384938472", None),
        ("https://x.com/somebody?s=21", X, ACCOUNT, None, "somebody"),
        ("https://t.co/AbCdEf1234", X, SHORT, "AbCdEf1234", None),
    ],
)
def test_a_link_names_what_it_names(text, platform, kind, external_id, username):
    found = read_link(text)

    assert (found.platform, found.kind, found.external_id, found.username) == (platform, kind, external_id, username)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("HTTPS://WWW.TikTok.COM./@Some.Body#top", "https://www.tiktok.com/@Some.Body"),
        ("http://www.youtube.com:80/watch?v=abcdefghij1", "https://www.youtube.com/watch?v=abcdefghij1"),
        ("https://x.com:443/somebody", "https://x.com/somebody"),
        ("  https://www.instagram.com/some.body  ", "https://www.instagram.com/some.body/"),
        ("www.youtube.com/watch?v=abcdefghij1&u=https://elsewhere.example", "https://www.youtube.com/watch?v=abcdefghij1"),
        ("https://www.tiktok.com/%40some.body", "https://www.tiktok.com/@some.body"),
    ],
)
def test_the_canonical_address_has_nothing_of_the_wrapping(text, url):
    assert read_link(text).url == url


@pytest.mark.parametrize(
    ("text", "username", "url"),
    [
        ("https://www.youtube.com/@日本語チャンネル", "日本語チャンネル", "https://www.youtube.com/@%E6%97%A5%E6%9C%AC%E8%AA%9E%E3%83%81%E3%83%A3%E3%83%B3%E3%83%8D%E3%83%AB"),
        ("https://www.youtube.com/@%E6%97%A5%E6%9C%AC%E8%AA%9E", "日本語", "https://www.youtube.com/@%E6%97%A5%E6%9C%AC%E8%AA%9E"),
        ("https://www.tiktok.com/@m%C3%BCde", "müde", "https://www.tiktok.com/@m%C3%BCde"),
        ("https://www.tiktok.com/@mu\u0308de", "müde", "https://www.tiktok.com/@m%C3%BCde"),
    ],
)  # fmt: skip
def test_a_handle_may_be_written_in_any_script(text, username, url):
    found = read_link(text)

    assert (found.username, found.url) == (username, url)
    assert found.target.username == username


@pytest.mark.parametrize(
    "text",
    [
        # Who else may be asked.
        "https://elsewhere.example/@some.body",
        "https://tiktok.com.elsewhere.example/@some.body",
        "https://nottiktok.com/@some.body",
        "https://api.tiktok.com/@some.body",
        "https://127.0.0.1/@some.body",
        "https://[::1]/@some.body",
        "https://2130706433/@some.body",
        "https://localhost/watch?v=abcdefghij1",
        # Names that only look like it.
        "https://www.tikt\u043ek.com/@some.body",
        "https://www.\uff54\uff49\uff4b\uff54\uff4f\uff4b.com/@some.body",
        "https://xn--tiktk-jze.com/@some.body",
        "https://youtube\u3002com/watch?v=abcdefghij1",
        "https://www.tiktok.com../@some.body",
        # A host that is not where it seems to be.
        "https://tiktok.com@elsewhere.example/",
        "https://elsewhere.example@tiktok.com/@some.body",
        "https://@tiktok.com/@some.body",
        "https://user:word@www.tiktok.com/@some.body",
        "https://elsewhere.example\\@tiktok.com/@some.body",
        "https://tiktok.com\\.elsewhere.example/@some.body",
        "https:\\\\www.tiktok.com\\@some.body",
        "https://elsewhere.example#@www.tiktok.com/@some.body",
        "https://elsewhere.example?www.tiktok.com/@some.body",
        "//www.tiktok.com/@some.body",
        "https:/www.tiktok.com/@some.body",
        # Another protocol or door.
        "ftp://www.tiktok.com/@some.body",
        "file:///etc/passwd",
        "javascript://www.tiktok.com/%0aalert(1)",
        "https://www.tiktok.com:8443/@some.body",
        "https://www.tiktok.com:x/@some.body",
        "https://www.tiktok.com:99999/@some.body",
        "https://[www.tiktok.com/@some.body",
        # Letters that hide something.
        "https://www.tiktok.com/@some\u200bbody",
        "https://www.tiktok.com/@some\u202ebody",
        "https://www.tiktok.com/@some body",
        "https://www.tiktok.com/@some\r\nHost: elsewhere.example",
        "https://www.tiktok.com/@some%0d%0abody",
        "https://www.tiktok.com/@some%00",
        "https://www.tiktok.com/@some%e2%80%8bbody",
        "https://www.tiktok.com/@some%2fvideo%2f7300000000000000001",
        "https://www.tiktok.com/@some%252fbody",
        "https://www.tiktok.com/@some%5cbody",
        "https://www.tiktok.com/@some%ff",
        "https://www.tiktok.com/%2e%2e/@some.body",
        "https://www.tiktok.com/@<script>",
        # Shapes that name nothing.
        "",
        "   ",
        "https://",
        "https://www.tiktok.com",
        "https://www.tiktok.com/foryou",
        "https://www.tiktok.com/@",
        "https://www.youtube.com/watch",
        "https://www.youtube.com/watch?v=short",
        "https://youtu.be/",
        "https://www.youtube.com/channel/UCshort",
        "https://www.instagram.com/explore",
        "https://www.instagram.com/Explore/",
        "https://x.com/home",
        "https://x.com/HOME",
        "https://x.com/some-body",
        "https://vm.tiktok.com/",
        "https://vm.tiktok.com/a/b",
        "https://t.co/../x",
        "https://www.tiktok.com/@" + "a" * 2_000,
    ],
)  # fmt: skip
def test_everything_else_is_refused_and_says_what_to_give(text):
    with pytest.raises(Unacceptable) as caught:
        read_link(text)

    assert caught.value.problems[0].pointer == "/url"
    assert caught.value.problems[0].detail == EXPECTED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://www.youtube.com/user/somebody", "copy its @handle"),
        ("https://www.youtube.com/c/SomeBody/videos", "copy its @handle"),
        ("https://www.youtube.com/playlist?list=PL123", "playlist"),
        ("https://www.instagram.com/stories/somebody/123/", "copy the address"),
        ("https://www.instagram.com/share/reel/abc", "copy the address"),
    ],
)
def test_addresses_that_name_nothing_any_more_say_what_does(text, words):
    with pytest.raises(Unacceptable, match=words):
        read_link(text)


@pytest.mark.parametrize(
    ("platform", "text", "name"),
    [
        (TIKTOK, "@some.body", "some.body"),
        (YOUTUBE, " Some-Body ", "Some-Body"),
        (YOUTUBE, "@日本語", "日本語"),
        (TIKTOK, "mu\u0308de", "müde"),
        (INSTAGRAM, "some_body", "some_body"),
        (X, "@somebody", "somebody"),
    ],
)
def test_a_handle_is_taken_with_or_without_its_sign(platform, text, name):
    assert read_handle(platform, text).username == name


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        (TIKTOK, ""),
        (TIKTOK, "@"),
        (TIKTOK, "@@some"),
        (TIKTOK, "some body"),
        (TIKTOK, "a/b"),
        (INSTAGRAM, "日本語"),
        (X, "a" * 16),
        (X, "some.body"),
        (YOUTUBE, "some\u200bbody"),
        (YOUTUBE, "https://www.youtube.com/@somebody"),
    ],
)
def test_what_is_no_handle_is_refused(platform, text):
    with pytest.raises(Unacceptable, match="is not a handle on") as caught:
        read_handle(platform, text)

    assert caught.value.problems[0].pointer == "/handle"


def test_reading_a_canonical_address_again_changes_nothing():
    links = [
        read_link(text)
        for text in (
            "https://www.tiktok.com/@m%C3%BCde/video/7300000000000000001",
            "https://m.tiktok.com/v/7300000000000000001",
            "https://youtu.be/abcdefghij1",
            "https://www.youtube.com/@日本語",
            "https://twitter.com/somebody",
            "https://x.com/i/status/18663849",
            "https://vt.tiktok.com/ZSabc123",
        )
    ]

    assert [again(link) for link in links] == [(link.platform, link.kind, link.external_id, link.url) for link in links]


def again(link: Link) -> tuple[Platform, LinkKind, str | None, str]:
    found = read_link(link.url)
    return found.platform, found.kind, found.external_id, found.url


def test_no_host_is_both_a_platforms_own_and_a_short_one():
    assert not set(HOSTS) & set(SHORT_HOSTS)
