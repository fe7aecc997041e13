"""Looking at a whole video once, in a process of its own that `looker.py` starts. What is kept of it is in `domain.clips.analysis`."""
