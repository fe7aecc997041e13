"""What a choice that a creator controls is worth in views, or the honest answer that one cannot say yet."""
