"""Where people decide: a web desk over the store, rendered on the server, usable without JavaScript.

`routes.py` is the one table of what can be asked and by whom. `endpoints` read the store and answer, `pages` (pure)
turn nouns into what a template shows, `templates` show it.
"""
