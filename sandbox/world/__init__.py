"""The sandbox's world: creators, posts, comments and sounds that a seed makes, seen at the moment of a clock that can be moved.

How a platform words it on the wire is in `sandbox.google`, `sandbox.tiktok` and their like.
"""

from sandbox.world.clock import Clock
from sandbox.world.history import write_history
from sandbox.world.making import Truth, World, make_world
from sandbox.world.shapes import Comment, Creator, Post, Seen, Sound, State

__all__ = ["Clock", "Comment", "Creator", "Post", "Seen", "Sound", "State", "Truth", "World", "make_world", "write_history"]
