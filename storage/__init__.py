"""Keeps the nouns. SQLAlchemy lives here and nowhere else; functions by noun take a connection."""
