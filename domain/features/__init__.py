"""What a creator decides about a post before it is published. What it does to views is in `domain.effects`."""
