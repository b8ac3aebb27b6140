"""The demo: the ordinary commands on an ordinary home folder, against a small site of our own on loopback."""
