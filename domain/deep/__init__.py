"""Deep analysis: when, how, what and how well an account posts. Descriptive throughout; effects are in `domain.effects`."""
