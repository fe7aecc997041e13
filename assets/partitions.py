"""The one partition set: a key per tenant (its UUID). Accounts, clips and productions are rows inside a run, never keys."""

from uuid import UUID

import dagster as dg

TENANTS = "tenants"
tenants = dg.DynamicPartitionsDefinition(name=TENANTS)


def partition_of(context: dg.AssetCheckExecutionContext) -> str:
    """The partition of a check's run. (A check with partitions of its own is still a preview in Dagster.)"""
    key = context.run.tags.get("dagster/partition")
    if key is None:
        raise dg.Failure(
            "the check has no partition to look at: choose one and materialize its asset, which checks it", allow_retries=False
        )
    return key


def tenant_of(context: dg.AssetCheckExecutionContext) -> UUID:
    """The tenant of a check's run."""
    return UUID(partition_of(context))
