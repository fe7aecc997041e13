"""A video, through the chain to its candidates or to its clips. It shares no table with the graph of imports: it has its own claim."""

import dagster as dg

from domain.requests import CLIPS

# A video of four hours takes a while to be heard and looked at; seconds.
_LONGEST = {"dagster/max_runtime": "10800"}

make_clips = dg.define_asset_job(
    "make_clips",
    selection=dg.AssetSelection.groups(CLIPS),
    tags=_LONGEST,
    description="Clips that were asked for: words are read or heard, parts are chosen, clips are rendered and checked.",
)
suggest_clips = dg.define_asset_job(
    "suggest_clips",
    selection=dg.AssetSelection.assets("core_clips__candidates").upstream(),
    tags=_LONGEST,
    description="A video whose best parts are wanted: its words are read or heard, it is looked at, and its parts are ranked.",
)
