"""Telling people: which digest is due, what it says, how it looks, and the handing over of it, once."""
