"""Taking a workspace along, and erasing those whose time has come."""

import dagster as dg

from assets.rights import ERASURES
from domain.requests import EXPORT

export_tenant = dg.define_asset_job(
    "export_tenant", selection=dg.AssetSelection.groups(EXPORT), description="All of a workspace in one file, to be fetched within a day."
)
erase_tenants = dg.define_asset_job(
    "erase_tenants", selection=dg.AssetSelection.groups(ERASURES), description="Workspaces whose time has come are erased everywhere."
)
