"""Ways in besides the password, over HTTP and the real database."""
