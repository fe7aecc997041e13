"""How well a clip is encoded: to be published, or to be looked at before it is rendered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from domain.media import ClipPlan
from gateways.media.windows import even

PREVIEW_WIDTH = 360
_HALVED_FROM = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Options of the encoder and of the decoder. `has_half_rate`: every other picture of usual rates is left out."""

    encoding: Mapping[str, Any]
    reading: Mapping[str, Any]
    has_half_rate: bool = False

    def rate(self, full: Fraction) -> Fraction:
        return full / 2 if self.has_half_rate and full >= _HALVED_FROM else full


FINAL = Quality(
    encoding=MappingProxyType(
        {
            # veryfast: half the CPU of medium at the same size of file; superfast saves a third of it and makes files 60 % larger.
            "c:v": "libx264",
            "preset": "veryfast",
            "crf": 21,
            "maxrate": "12M",
            "bufsize": "24M",
            "profile:v": "high",
            "pix_fmt": "yuv420p",
        }
    ),
    reading=MappingProxyType({}),
)
# Decoding the source costs most of a preview: without the loop filter a quarter less, and at this size nobody sees it.
DRAFT = Quality(
    encoding=MappingProxyType({"c:v": "libx264", "preset": "ultrafast", "crf": 27, "maxrate": "2M", "bufsize": "4M", "pix_fmt": "yuv420p"}),
    reading=MappingProxyType({"skip_loop_filter": "all"}),
    has_half_rate=True,
)


def small(plan: ClipPlan) -> ClipPlan:
    """The same clip, at most `PREVIEW_WIDTH` pixels wide."""
    width = min(PREVIEW_WIDTH, plan.width)
    return replace(plan, width=width, height=even(plan.height * width / plan.width))
