"""Where a template of the operator's own makes messages: a process apart, with bounds on time, memory and size, that
has nothing but the values it was given: no file, no network, no environment, no other template.

Reads one JSON object on standard input (form, template, values, seconds) and writes a line of JSON for each of the
values: the parts that were made, or `fault` with `line` (None where it is not known) and `why`.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.harmless import fenced, uncalled, unlinked, unmarked

Part = dict[str, str]

FORMS: Mapping[str, Mapping[str, tuple[int, Callable[[str], str]]]] = {
    "chat": {"title": (1000, uncalled), "body": (10_000, uncalled)},
    "issue": {"title": (1000, unlinked), "body": (50_000, unmarked), "comment": (50_000, unmarked)},
}
"""The parts of each form of message: characters at most, and what makes a printed value harmless there."""

_LONGEST = 50_000
_MEMORY = 256 * 1024 * 1024
_HEAVY = f"it takes more than {_MEMORY >> 20} MiB of memory"
LATE = "it takes too long"
_LINKS = frozenset({"link", "url"})
_NOT_HERE = {
    nodes.Macro: "macros",
    nodes.CallBlock: "macros",
    nodes.FilterBlock: "filter blocks",
    nodes.AssignBlock: "set blocks",
    nodes.Include: "other templates",
    nodes.Import: "other templates",
    nodes.FromImport: "other templates",
    nodes.Extends: "other templates",
}
_TROUBLE = (
    *(ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError),
    TemplateError,
)
_OUTSIDE = ("open", "os.", "socket.", "subprocess.", "ctypes.", "shutil.", "import")


class Harmless(str):
    """What is printed as it is: an address of our own, or words in a fence."""

    __slots__ = ()


class Fault(Exception):
    """Why a template makes no message, and where."""

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(why)
        self.line = line


class TooLong(BaseException):
    """The time is over. No Exception on purpose: what folds constants would swallow one."""


class Clock:
    """Seconds for all that is made. Raises TooLong in the midst of work, and says afterwards that they are `over`."""

    def __init__(self, seconds: float) -> None:
        self.over = self._working = False
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        self.over = True
        if self._working:
            raise TooLong

    def __enter__(self) -> None:
        self._working = True
        if self.over:
            raise TooLong

    def __exit__(self, *raised: object) -> None:
        self._working = False


class Maker:
    """A template that was understood. Raises Fault where it is none."""

    def __init__(self, form: str, text: str, known: frozenset[str]) -> None:
        self._parts = FORMS[form]
        made = {name: _environment(form, harmless) for name, (_, harmless) in self._parts.items()}
        try:
            tree = made["body"].parse(text)
            self._examine(tree, made["body"], known)
            self._templates = {name: each.from_string(text) for name, each in made.items()}
        except TemplateSyntaxError as error:
            raise Fault(error.message or "it is no template", error.lineno) from None
        except RecursionError:
            raise Fault("it is nested too deep") from None
        except _TROUBLE as error:
            raise Fault(f"{error}" or type(error).__name__) from None

    def _examine(self, tree: nodes.Template, environment: ImmutableSandboxedEnvironment, known: frozenset[str]) -> None:
        for node in tree.find_all(tuple(_NOT_HERE)):
            raise Fault(f"{_NOT_HERE[type(node)]} are not open to a message", node.lineno)
        for loop in tree.find_all(nodes.For):
            if loop.recursive:
                raise Fault("loops that call themselves are not open to a message", loop.lineno)
        blocks = {block.name: block.lineno for block in tree.find_all(nodes.Block)}
        for name, line in blocks.items():
            if name not in self._parts:
                raise Fault(f"a message has no part {name!r}, only {', '.join(self._parts)}", line)
        if blocks:
            _nothing_beside(tree)
        names = list(tree.find_all(nodes.Name))
        given = known | {name.name for name in names if name.ctx == "store"}
        for unknown in meta.find_undeclared_variables(tree) - given:
            where = next((name.lineno for name in names if name.name == unknown), None)
            raise Fault(f"there is no variable {unknown!r}", where)

    def parts(self, values: Mapping[str, Any]) -> Part:
        """The parts that the template makes of some values; one that it does not name is left to the built-in words."""
        named = set(self._templates["body"].blocks) or {"body"}
        return {name: self._part(name, values) for name in self._parts if name in named}

    def _part(self, name: str, values: Mapping[str, Any]) -> str:
        template, most = self._templates[name], self._parts[name][0]
        context = template.new_context(dict(values))
        try:
            text = _joined(template, template.root_render_func(context), most)
            if template.blocks:
                text = _joined(template, template.blocks[name](context), most)
            text.encode()
        except RecursionError as error:
            raise Fault("it calls itself too often", _line(error.__traceback__)) from None
        except MemoryError as error:
            raise Fault(_HEAVY, _line(error.__traceback__)) from None
        except TooLong as error:
            raise Fault(LATE, _line(error.__traceback__)) from None
        except _TROUBLE as error:
            raise Fault(f"{error}" or type(error).__name__, _line(error.__traceback__)) from None
        text = " ".join(text.split()) if name == "title" else text.strip()
        if not text:
            raise Fault(f"the {name} is empty")
        return text


def _environment(form: str, harmless: Callable[[str], str]) -> ImmutableSandboxedEnvironment:
    def printed(value: object) -> object:
        if isinstance(value, (Harmless, Undefined)):
            return value  # an undefined one complains by itself
        if callable(value):
            raise TypeError("that is nothing that can be printed")
        text = str(value)
        if len(text) > _LONGEST:
            raise ValueError(f"it prints more than {_LONGEST} characters at once")
        return harmless(text)

    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, finalize=printed, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False
    )
    made.globals = {"range": made.globals["range"], "namespace": made.globals["namespace"]}
    if form == "issue":
        made.filters["fenced"] = lambda text: Harmless(f"\n\n{fenced(str(text))}\n\n")  # on lines of its own
    return made


def _nothing_beside(tree: nodes.Template) -> None:
    """Raises Fault for words outside the parts, which would be said nowhere."""
    for node in tree.body:
        if isinstance(node, nodes.Output):
            for child in node.nodes:
                if not isinstance(child, nodes.TemplateData) or child.data.strip():
                    raise Fault("words outside the blocks are said nowhere", child.lineno)


def _joined(template: Template, pieces: Iterator[str], most: int) -> str:
    made, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            frame = getattr(pieces, "gi_frame", None)
            line = template.get_corresponding_lineno(frame.f_lineno) if frame is not None else None
            raise Fault(f"it makes more than {most} characters", line)
        made.append(piece)
    return "".join(made)


def _line(trace: TracebackType | None) -> int | None:
    """The line of the template that the innermost frame stands in."""
    found = None
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            found = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return found


def main() -> None:
    """Every one of the values is answered in its line, unless the process is ended before."""
    order = json.loads(sys.stdin.read(), object_hook=_links_kept)
    clock = _closed(order["seconds"])
    maker = _maker(order, clock)
    for values in order["values"]:
        sys.stdout.write(json.dumps(_answer(maker, values, clock)) + "\n")
        sys.stdout.flush()


def _maker(order: dict[str, Any], clock: Clock) -> Maker | Fault:
    known: frozenset[str] = frozenset().union(*order["values"])
    try:
        with clock:
            return Maker(order["form"], order["template"], known)
    except Fault as fault:
        return fault
    except MemoryError:
        return Fault(_HEAVY)
    except TooLong:
        return Fault(LATE)


def _answer(maker: Maker | Fault, values: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    try:
        if isinstance(maker, Fault):
            raise maker
        with clock:
            return {"parts": maker.parts(values)}
    except Fault as fault:
        return {"fault": {"line": fault.line, "why": " ".join(str(fault).split())[:300]}}
    except TooLong:
        return {"fault": {"line": None, "why": LATE}}


def _links_kept(found: dict[str, Any]) -> dict[str, Any]:
    return {name: Harmless(value) if name in _LINKS else value for name, value in found.items()}


def _closed(seconds: float) -> Clock:
    """From here on time and memory are bounded, and the machine is shut off."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 5, int(seconds) + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _load_all()
    sys.addaudithook(refuse)
    return Clock(seconds)


def _load_all() -> None:
    """What the engine loads only when it meets a first literal, a first fault and a first filter is loaded."""
    for text in ("{{ '\\n' | pprint | e }}", "{{ 'a b' | wordwrap(1) | tojson }}", "{{ 1 / 0 }}", "{% if"):
        with suppress(*_TROUBLE):
            _environment("issue", str).from_string(text).render()


def refuse(event: str, given: tuple[Any, ...]) -> None:
    """The audit hook of the process. Raises PermissionError for whatever reaches out of it."""
    if event.startswith(_OUTSIDE):
        raise PermissionError(f"{event} is not open to a template")


if __name__ == "__main__":
    main()
