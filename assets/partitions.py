"""The one partition set: a key per tenant (its UUID). Accounts, clips and productions are rows inside a run, never keys."""

from uuid import UUID

import dagster as dg

TENANTS = "tenants"
tenants = dg.DynamicPartitionsDefinition(name=TENANTS)


def tenant_of(context: dg.AssetCheckExecutionContext) -> UUID:
    """The tenant of a check's run. (A check with partitions of its own is still a preview in Dagster.)"""
    return UUID(context.run.tags["dagster/partition"])
