"""Publishing what is computed, and making it again. Each kind of release is a module that reads and makes; `releases` does the rest."""
