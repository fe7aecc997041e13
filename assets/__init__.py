"""Dagster assets: thin shells, partitioned by tenant. Read, decide and write are below, in `services/`, `domain/` and `store/`."""
