"""From a page on the web to flags: fetch, judge, read, extract, compare, assess."""
