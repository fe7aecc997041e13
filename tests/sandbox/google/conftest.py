"""The place that the tests of this folder look at."""

from tests.sandbox.google.place import google_server, place, small_world

__all__ = ["google_server", "place", "small_world"]
