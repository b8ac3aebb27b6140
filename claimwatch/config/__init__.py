"""Both YAML files into nouns, strictly: every problem of both files is told at once, with its line and a suggestion."""

from claimwatch.config.load import Config, Guide, load_config

__all__ = ["Config", "Guide", "load_config"]
