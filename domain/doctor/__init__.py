"""What `whyral doctor` makes of the facts it is given. Gathering them: gateways, `store.doctor`. Wiring: `doctor.py`."""
