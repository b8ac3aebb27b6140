"""One module for each group of commands; each is a thin shell that calls the rooms and prints what they return."""
