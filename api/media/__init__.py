"""Media and clips over HTTP: `routes` and `clips` the handlers, `receiving` what happens to an upload, `shapes` what is answered."""
