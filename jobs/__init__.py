"""Jobs and their schedules: which assets one request, or one day, makes."""
