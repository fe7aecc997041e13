"""What the platforms answer, put into our words. Pure: asking them is in `gateways`."""
