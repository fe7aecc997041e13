"""Campaigns: long searches for what should never happen, each one command with its seed and counts printed."""
