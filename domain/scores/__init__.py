"""Outlier scores that are fair to age, account size, format and to what a platform counts as a view (design 7.1)."""
