"""One imported file, through the whole graph: raw, core, aggregates, scores, effects."""

import dagster as dg

import_file = dg.define_asset_job(
    "import_file",
    selection=dg.AssetSelection.groups("imports", "catalogue", "aggregates", "insights"),
    description="One imported file: its rows become videos and snapshots, and all that is derived from them is made anew.",
)
