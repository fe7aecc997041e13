"""Verbs that both shells share. They take an open unit of work; the edge opens it and nothing here commits."""
