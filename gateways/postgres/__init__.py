"""The embedded PostgreSQL's programs, place and cluster. `gateways.postgres_server` runs it."""
