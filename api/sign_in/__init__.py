"""Ways in besides the password: second factors, Google, other issuers."""
