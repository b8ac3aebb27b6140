"""What changed between two versions of a page, and whether it matters.

The way through the room: `bodies` reads both sides, `matching` finds which block is which, `grouping` which sentence
became which, `rules` judges each edit, `compare` adds it up. `records` does the same for JSON, `facts` for facts.
"""

from monitor.diff.bodies import compare_bodies
from monitor.diff.compare import compare_documents
from monitor.diff.facts import compare_facts

__all__ = ["compare_bodies", "compare_documents", "compare_facts"]
