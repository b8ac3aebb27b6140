"""Nouns in, what a template shows out. Pure: no store, no clock, no request."""
