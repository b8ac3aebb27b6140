"""Templates of the operator's own for chats and issues: filled in by a process apart (`notifications.sandbox`), tried
when a channel gets one, and never the reason that a message is lost.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from domain.errors import ClaimwatchError
from notifications.issues import Act
from notifications.sandbox import LATE
from notifications.variables import Variables, example_digest, issue_variables, variables_of

Form = Literal["chat", "issue"]
Parts = Mapping[str, str]

SECONDS = 5.0
"""For all messages of one digest."""

LONGEST = 64 * 1024
"""Characters of a template."""

_AT_ONCE = 50
_START = 15.0
"""Seconds more that a busy machine may need to start the process."""

_KEPT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH")


class TemplateFault(ClaimwatchError):
    """A template makes no message. line: where, None where it is not known. late: it was ended after its time."""

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {why}" if line else why)
        self.line = line
        self.late = why == LATE


class Wording:
    """The words of channels that have a template. read: the template that a setting means, ClaimwatchError else."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read

    def parts(self, template: str, form: Form, values: Sequence[Variables]) -> tuple[tuple[Parts, ...], str]:
        """The parts of each message, empty where the built-in words are to stand in; and the first fault, else ""."""
        try:
            answers = filled(self._read(template), form, values) if values else ()
        except ClaimwatchError as error:
            return ({},) * len(values), str(error)
        faults = [str(answer) for answer in answers if isinstance(answer, TemplateFault)]
        parts = tuple({} if isinstance(answer, TemplateFault) else answer for answer in answers)
        return parts, next(iter(faults), "")


def filled(
    template: str, form: Form, values: Sequence[Variables], *, seconds: float = SECONDS
) -> tuple[Parts | TemplateFault, ...]:
    """For each of the values the parts that the template makes of them, or why it makes none."""
    if len(template) > LONGEST:
        return (TemplateFault(f"it is longer than {LONGEST} characters"),) * len(values)
    made: list[Parts | TemplateFault] = []
    for first in range(0, len(values), _AT_ONCE):
        made += _filled(template, form, values[first : first + _AT_ONCE], seconds)
        if isinstance(made[-1], TemplateFault) and made[-1].late:
            made += [made[-1]] * (len(values) - len(made))
            break
    return tuple(made)


def prove(template: str, form: Form, *, language: str) -> None:
    """Raises TemplateFault where a template fails on what it will be given: news, quiet times, each act on a flag."""
    told = [example_digest(subscriber=1, address="example", language=language, quiet=quiet) for quiet in (False, True)]
    values = [variables_of(digest, base_url="https://watch.example") for digest in told]
    if form == "issue":
        values = [
            issue_variables(told[0], item, act, base_url="https://watch.example")
            for item in told[0].items
            for act in Act
        ]
    for answer in filled(template, form, values):
        if isinstance(answer, TemplateFault):
            raise answer


def _filled(template: str, form: Form, values: Sequence[Variables], seconds: float) -> list[Parts | TemplateFault]:
    order = {"form": form, "template": template, "values": list(values), "seconds": seconds}
    said, ended = _asked(order, seconds + _START)
    made: list[Parts | TemplateFault] = [_read(line) for line in said]
    return [*made, *[TemplateFault(ended)] * (len(values) - len(made))][: len(values)]


def _asked(order: dict[str, Any], deadline: float) -> tuple[list[str], str]:
    """The lines that the process apart said, and how it ended where it did not say them all."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "notifications.sandbox"],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=deadline,
            check=False,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
        )
    except subprocess.TimeoutExpired as late:
        return _whole(late.stdout or b""), LATE
    return _whole(done.stdout), "the process that filled it in died"


def _whole(said: bytes) -> list[str]:
    return [line.decode() for line in said.splitlines(keepends=True) if line.endswith(b"\n")]


def _read(line: str) -> Parts | TemplateFault:
    answer = json.loads(line)
    if "fault" in answer:
        return TemplateFault(answer["fault"]["why"], answer["fault"]["line"])
    parts: Parts = answer["parts"]
    return parts
