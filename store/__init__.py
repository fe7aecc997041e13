"""SQL: tables, migrations and repositories that return frozen domain values. The outside world is in `gateways/`."""
