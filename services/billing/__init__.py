"""Paying: keeping what providers hold of a workspace, and following it with what the workspace has. Rules are in `domain.billing`."""
