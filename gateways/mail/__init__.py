"""Ways for mails to leave: an SMTP server, or files of this machine."""
