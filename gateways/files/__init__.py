"""Files on disk and what stands in them: the local file port, readers of imported tables, the report writer."""
