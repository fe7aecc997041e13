"""Our own loopback world: generated, seeded, labelled synthetic. Nothing here is shipped as a provider in production wiring."""
