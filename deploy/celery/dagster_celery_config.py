"""The Celery worker's settings. `celery -A dagster_celery.app` imports a module of this name where PYTHONPATH finds one."""

import os

broker_url = os.environ["WHYRAL_CELERY_BROKER_URL"]
result_backend = os.environ["WHYRAL_CELERY_RESULT_URL"]
broker_connection_retry_on_startup = True

# A run is acknowledged when it begins: a run that was lost is a new attempt of its request, never a second delivery of the same one.
task_acks_late = False
# One run in hand per process: whatever waits goes to a worker that is free.
worker_prefetch_multiplier = 1
# Memory that libraries keep is given back after so many runs.
worker_max_tasks_per_child = 100
# How long a result can be asked for; Dagster asks while the run lives.
result_expires = 86_400
