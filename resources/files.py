"""Imported files and charts as Dagster resources."""

from collections.abc import Callable

import dagster as dg

from gateways.charts import VlConvert
from gateways.files.imports import StoredImports


def files_resource(make: Callable[[], StoredImports]) -> dg.ResourceDefinition:
    @dg.resource(description="imported files by key, and the reports about their rows")
    def files(_: dg.InitResourceContext) -> StoredImports:
        return make()

    return files


@dg.resource(description="draws Vega-Lite charts as pictures")
def charts(_: dg.InitResourceContext) -> VlConvert:
    return VlConvert()
