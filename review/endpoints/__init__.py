"""What each page answers: the shell between a request, the store and a template."""
