"""Listening: what is said in a sound, and when. What is made of words is in `domain.transcripts`; sound comes from `gateways.media`."""
