"""A video that came in, through the chain to its clip. It shares no table with the graph of imports, so it has a claim of its own."""

import dagster as dg

from domain.requests import CLIPS

make_clips = dg.define_asset_job(
    "make_clips",
    selection=dg.AssetSelection.groups(CLIPS),
    description="One video that came in: its words are read, a part is chosen, the clip is rendered.",
)
