"""Owner data over HTTP: `reports` (audience, traffic, revenue, retention), `channel` (at a glance, its posts), `syncs`, their shapes."""
