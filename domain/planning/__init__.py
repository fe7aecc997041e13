"""What next: patterns, suggestions, scoring models, drafts, predictions. Each figure comes from what was measured or estimated before."""
