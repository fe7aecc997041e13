"""The place that the tests of this folder look at, and the client library that asks there."""

from tests.sandbox.google.place import client, google_server, place, small_world, wire

__all__ = ["client", "google_server", "place", "small_world", "wire"]
