"""The nouns of Claimwatch as frozen values; standard library only.

Every other package speaks in these words and none of them adds a second meaning.
"""
