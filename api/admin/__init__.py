"""What only administrators of the platform may call: /api/v1/admin."""
