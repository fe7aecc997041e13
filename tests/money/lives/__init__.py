"""Lives of payers: a provider that is kept in memory, what was heard of it, and how both must agree in the end."""
