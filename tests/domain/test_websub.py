"""Pushed feeds: read, checked, and known again."""

from datetime import UTC, datetime

import pytest

from domain.errors import Unacceptable
from domain.websub import FEED_BYTES, MOST_ENTRIES, Pushed, channel_of, is_signed, read_feed, signature, topic_of

CHANNEL = "UC" + "a" * 22
ENTRY = """<entry><id>yt:video:{video}</id><yt:videoId>{video}</yt:videoId><yt:channelId>{channel}</yt:channelId>
<title>Bread &amp; butter</title><link rel="alternate" href="https://www.youtube.com/watch?v={video}"/>
<author><name>Somebody</name><uri>https://www.youtube.com/channel/{channel}</uri></author>
<published>2026-11-01T10:00:00+00:00</published><updated>{updated}</updated></entry>"""


def feed(*entries: str, head: str = "") -> bytes:
    names = 'xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom"'
    names += ' xmlns:at="http://purl.org/atompub/tombstones/1.0"'
    begun = f"<?xml version='1.0' encoding='UTF-8'?>{head}<feed {names}><title>YouTube video feed</title>"
    return f"{begun}<updated>2026-11-01T10:00:00Z</updated>{''.join(entries)}</feed>".encode()


def entry(video: str = "aaaaaaaaaaa", channel: str = CHANNEL, updated: str = "2026-11-01T10:00:01.552394234+00:00") -> str:
    return ENTRY.format(video=video, channel=channel, updated=updated)


def test_an_entry_is_read_with_its_moments_in_utc():
    assert read_feed(feed(entry())) == (
        Pushed(
            "aaaaaaaaaaa",
            CHANNEL,
            datetime(2026, 11, 1, 10, 0, 1, 552394, tzinfo=UTC),
            title="Bread & butter",
            published_at=datetime(2026, 11, 1, 10, tzinfo=UTC),
        ),
    )


def test_a_deleted_entry_is_read_as_deleted():
    gone = '<at:deleted-entry ref="yt:video:bbbbbbbbbbb" when="2026-11-02T00:00:00+01:00"><link href="https://x"/></at:deleted-entry>'

    assert read_feed(feed(gone)) == (Pushed("bbbbbbbbbbb", None, datetime(2026, 11, 1, 23, tzinfo=UTC), is_deleted=True),)


def test_the_same_push_has_the_same_key_and_a_changed_title_another():
    first, again = read_feed(feed(entry(), entry()))
    changed = read_feed(feed(entry(updated="2026-11-01T12:00:00+00:00")))[0]

    assert first.key == again.key
    assert first.key != changed.key


def test_a_feed_without_entries_tells_nothing():
    assert read_feed(feed()) == ()


def test_elements_that_lie_deeper_are_not_the_entrys():
    nested = entry().replace("<author>", "<author><yt:videoId>zzzzzzzzzzz</yt:videoId>")

    assert read_feed(feed(nested))[0].video_id == "aaaaaaaaaaa"


LAUGHS = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>'
OUTSIDE = '<!DOCTYPE feed [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (feed(entry(), head=LAUGHS), "document type"),
        (feed(entry(), head=OUTSIDE), "document type"),
        (feed(entry(), head='<!DOCTYPE feed SYSTEM "http://127.0.0.1/x.dtd">'), "document type"),
        (feed(entry()).replace(b"Bread", b"&xxe;"), "not XML"),
        (feed(entry())[:-20], "not XML"),
        (b"", "not XML"),
        (b"{}", "not XML"),
        (b"<html></html>", "not an Atom feed"),
        (b" " * (FEED_BYTES + 1), "larger than"),
        (feed(*[entry()] * (MOST_ENTRIES + 1)), "more than"),
        (feed(entry(video="../../etc/x")), "id of a YouTube video"),
        (feed(entry(channel="UCshort")), "id of a YouTube channel"),
        (feed(entry(updated="yesterday")), "not a moment"),
        (feed(entry(updated="2026-11-01T10:00:00")), "no time zone"),
        (feed(entry(updated="0001-01-01T00:00:00+10:00")), "not a moment"),
        (feed('<at:deleted-entry ref="yt:video:bbbbbbbbbbb"/>'), "not a moment"),
    ],
)
def test_what_is_no_feed_of_videos_is_refused(body, words):
    with pytest.raises(Unacceptable, match=words):
        read_feed(body)


def test_only_who_knows_the_secret_can_sign():
    body = feed(entry())

    assert is_signed(body, "s3cret", signature(body, "s3cret"))
    # RFC 2202, test case 2
    assert signature(b"what do ya want for nothing?", "Jefe") == "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    for wrong in (None, "", "sha1=", signature(body, "other"), signature(body + b" ", "s3cret"), "sha1=ü", signature(body, "s3cret")[5:]):
        assert not is_signed(body, "s3cret", wrong)


def test_a_topic_names_its_channel_and_nothing_else_does():
    assert channel_of(topic_of(CHANNEL)) == CHANNEL
    assert channel_of("https://example.com/feed") is None
    assert channel_of(topic_of(CHANNEL) + "&x=1") is None
    with pytest.raises(Unacceptable):
        topic_of("UC")
