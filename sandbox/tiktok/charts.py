"""The charts of TikTok's Creative Center: popular sounds of a country, by page. Answers without its headers are refused, as there."""

from datetime import datetime, timedelta
from typing import Any

from sandbox.serving import Answered, Asked
from sandbox.tiktok.items import image
from sandbox.world import Sound, World

HOST = "ads.tiktok.com"
PATH = "/creative_radar_api/v1/popular_trend/sound/rank_list"
COUNTRIES = ("US", "GB", "CA", "AU", "DE", "FR", "ES", "IT", "BR", "MX", "IN", "JP")
MOST = 100


def rank_list(world: World, asked: Asked, at: datetime) -> Answered:
    if asked.query.get("country_code") not in COUNTRIES:
        return Answered.of_json({"code": 40002, "msg": "Invalid parameters", "request_id": "0", "data": None})
    page, limit = int(asked.query.get("page", 1)), min(int(asked.query.get("limit", 20)), 50)
    sounds = world.chart(asked.query["country_code"], at=at)[:MOST]
    first = (page - 1) * limit
    shown = [_entry(world, sound, first + place, asked.query["country_code"], at) for place, sound in enumerate(sounds[first:][:limit], 1)]
    pages = {"page": page, "size": limit, "total": len(sounds), "has_more": first + limit < len(sounds)}
    return Answered.of_json({"code": 0, "msg": "OK", "request_id": "0", "data": {"pagination": pages, "sound_list": shown}})


def _entry(world: World, sound: Sound, rank: int, country: str, at: datetime) -> dict[str, Any]:
    using = [post for post in world.all_posts("tiktok", at=at) if post.sound == sound][:4]
    return {
        "author": sound.artist, "clip_id": sound.sound_id, "country_code": country, "cover": image("sound", sound.sound_id),
        "duration": sound.duration_seconds, "if_cml": False, "is_search": False, "on_list_times": None, "promoted": False,
        "link": f"https://www.tiktok.com/music/x-{sound.sound_id}", "rank": rank, "rank_diff": 0, "rank_diff_type": 1,
        "related_items": [{"item_id": post.native_id, "cover_uri": image("cover", post.native_id)} for post in using],
        "song_id": sound.sound_id, "title": sound.title, "url_title": sound.title.replace(" ", "-"),
        "trend": [{"time": int((at - timedelta(days=day)).timestamp()), "value": round(1 / (1 + day), 2)} for day in (2, 1, 0)],
    }  # fmt: skip
