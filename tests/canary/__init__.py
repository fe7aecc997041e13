"""The campaign against the wall between tenants: workspaces full of canaries, and a driver that plays every route as somebody else."""
