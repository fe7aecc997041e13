"""The HTTP shell: parses, opens the unit of work, calls a service or repository, shapes the answer. No rules live here."""
