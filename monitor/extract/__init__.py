"""Documents and rules into facts; words into values. Pure, and silent about what a page holds: it never raises for it."""

from monitor.extract.facts import extract
from monitor.extract.found import Found
from monitor.extract.words import parse_value, values_in

__all__ = ["Found", "extract", "parse_value", "values_in"]
