"""Flows that charge somebody, by processes that die on the way, and the books of both sides afterwards."""
