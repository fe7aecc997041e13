"""What next over HTTP: plans, drafts, scoring models, predictions."""
