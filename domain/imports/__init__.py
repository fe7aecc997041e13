"""Imported files, the pure half: which format a table is and what its rows say. Bytes are read in `gateways/files/`."""
