"""The only door to the outside: whoever sends a request (pages, robots, webhooks, pings) sends it through `Client`.

Here the dialled address is judged, bodies are bounded and decoded whole, deadlines hold, and hosts are not hurried.
"""
