"""What is published, over HTTP: outliers, forecasts, effects, deep and causal analyses, anomalies, and pictures."""
