"""Dated changes: accounts before and after they began to do something, beside accounts that did not."""
