"""The outside world: other people's services, processes, files and media tools. No SQL of ours; that is `store`."""
