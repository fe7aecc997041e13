"""Asking the hub for pushes, against the sandbox and against answers that a test wrote."""

import pytest

from domain.errors import SourceFailed, SourceRefused, SourceUnavailable, Unacceptable
from domain.ports import AsksForPush
from gateways.websub import WebSubHub
from gateways.youtube.transport import Wire
from sandbox.serving import Answered
from tests.gateways.scripted import saying
from tests.sandbox.google.place import Place

CALLBACK = "http://127.0.0.1:1/hooks/youtube"


@pytest.fixture
def hub(place: Place, wire: Wire) -> AsksForPush:
    return WebSubHub(wire, place.url)


def test_a_subscription_says_topic_callback_secret_and_lease(place: Place, hub: AsksForPush):
    service = saying(Answered(202))
    place.desk.services = (service,)

    hub.subscribe("UC" + "a" * 22, callback=CALLBACK, secret="s3cret", lease_seconds=432_000)

    assert service.asked[0].path == "/subscribe"
    assert service.asked[0].form() == {
        "hub.mode": "subscribe",
        "hub.topic": "https://www.youtube.com/xml/feeds/videos.xml?channel_id=UC" + "a" * 22,
        "hub.callback": CALLBACK,
        "hub.verify": "async",
        "hub.secret": "s3cret",
        "hub.lease_seconds": "432000",
    }


def test_the_sandboxs_hub_takes_both_words(place: Place, hub: AsksForPush):
    channel = place.channels[0].native_id

    hub.subscribe(channel, callback=CALLBACK, secret="s", lease_seconds=60)
    hub.unsubscribe(channel, callback=CALLBACK)

    place.google.hub.settle()
    assert place.google.hub.subscriptions == {}  # nobody answered at the callback


def test_what_is_no_channel_is_not_asked_for(place: Place, hub: AsksForPush):
    service = saying(Answered(202))
    place.desk.services = (service,)

    with pytest.raises(Unacceptable):
        hub.subscribe("UCshort&hub.topic=other", callback=CALLBACK, secret="s", lease_seconds=60)

    assert service.asked == []


@pytest.mark.parametrize(
    ("status", "kind", "category"),
    [
        (503, SourceUnavailable, "api_error"),
        (429, SourceUnavailable, "rate_limit"),
        (422, SourceRefused, "api_error"),
        (404, SourceRefused, "api_error"),
    ],
)
def test_a_hub_that_refuses_is_told_apart_from_one_that_is_busy(place: Place, hub: AsksForPush, status, kind, category):
    place.desk.services = (saying(Answered(status, b"no")),)

    with pytest.raises(SourceFailed) as failed:
        hub.subscribe("UC" + "a" * 22, callback=CALLBACK, secret="s3cret", lease_seconds=60)

    assert (type(failed.value), failed.value.category) == (kind, category)
    assert "s3cret" not in repr(failed.value)
