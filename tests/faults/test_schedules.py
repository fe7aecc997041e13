"""Several faults at any moments of several accounts' reading: after they ended, what is stored is what an undisturbed run stores."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.faults import Fault
from tests.faults.conftest import Places
from tests.faults.places import HURRIED
from tests.faults.ways import COUNTED, Gateway

KINDS = (
    "429", "500", "502", "503", "403", "401", "timeout", "drip", "reset", "cut", "cut_chunk", "html", "captcha", "empty", "types",
    "gzip_bomb", "same_cursor", "quota",
)  # fmt: skip
ACCOUNTS = 2


@st.composite
def schedules(draw: st.DrawFn) -> tuple[Gateway, list[Fault]]:
    """A gateway, and which of its calls are struck by what, after how many went well, how often."""
    gateway = draw(st.sampled_from(COUNTED))
    fault = st.builds(
        Fault,
        where=st.sampled_from(gateway.calls),
        kind=st.sampled_from(KINDS),
        times=st.integers(1, 4),
        skip=st.integers(0, 4),
        seconds=st.just(2.0),
        retry_after=st.sampled_from([None, "1", "7200"]),
    )
    return gateway, draw(st.lists(fault, min_size=2, max_size=5))


@settings(max_examples=9, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(schedules())
def test_whatever_struck_nothing_is_lost_or_doubled(places: Places, schedule: tuple[Gateway, list[Fault]]) -> None:
    gateway, faults = schedule
    expected = places.undisturbed(gateway, accounts=ACCOUNTS)
    with places.open(gateway, accounts=ACCOUNTS, limits=HURRIED) as place:
        for fault in faults:
            place.desk.faults.add(fault)

        for _ in range(2):
            place.run()
            place.hands.advance(minutes=1)
        place.desk.faults.clear()
        place.recover()

        assert place.stored() == expected
        place.assert_accounts_agree()
