"""What every benchmark stands on: scale and rows, the database, results, the page."""
