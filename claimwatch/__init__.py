"""The only place that knows everyone: the command line, the settings, both YAML files, the schedule, the demo."""

__version__ = "0.1.0"
