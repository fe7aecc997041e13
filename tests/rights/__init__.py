"""Rights of people, tried out in the large."""
