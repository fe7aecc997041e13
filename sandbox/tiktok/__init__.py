"""TikTok as its web clients see it: pages, the signed API, short links, media, and the Creative Center's charts."""

from sandbox.tiktok.service import TikTok, short_code

__all__ = ["TikTok", "short_code"]
