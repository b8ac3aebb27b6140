"""Templates of the operator's own: filled in apart and within bounds, told in their place, never the loss of a message."""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from domain.digests import Frequency
from domain.flags import ReviewVerdict
from notifications import sandbox
from notifications.channel_templates import TemplateFault, Wording, filled, prove
from notifications.digest import Composed, compose_due, preview
from notifications.harmless import UNSEEN, uncalled, unmarked
from notifications.issues import Act
from notifications.variables import example_digest, issue_variables, variables_of
from storage.channels import ChannelKind, find_channel, keep_channel, keep_template
from storage.delivery_lists import list_deliveries
from storage.flags import decide_flag
from storage.store import Store
from tests.notifications.builders import CLAIMS, NOW, SOURCES, dollars, flag
from tests.notifications.stores import happen, reader
from tests.notifications.test_render import a_digest, hostile_item

BASE = "https://watch.example"
CHAT = (
    "{{ counts.changes }} of {{ channel }}: {% for change in changes %}{{ change.new }} {{ change.link }}{% endfor %}"
)
ISSUE = (
    "{% block title %}[guide] {{ change.title }}{% endblock %}\n"
    "{% block body %}\n{{ change.severity_words }}: {{ change.quote_new | fenced }}\n{% endblock %}\n"
    "{% block comment %}{{ act }} by {{ change.decided }}{% endblock %}"
)


def example(**changes: object) -> dict[str, object]:
    digest = example_digest(subscriber=1, address="team", language="en")
    return {**variables_of(digest, base_url=BASE), **changes}


def fault_of(template: str, *, form: str = "chat", seconds: float = 5.0) -> TemplateFault:
    (answer,) = filled(template, form, [example()], seconds=seconds)  # type: ignore[arg-type]
    assert isinstance(answer, TemplateFault), answer
    return answer


@pytest.mark.parametrize(
    ("template", "why", "line"),
    [
        ("\n{{ chnges }}", "no variable 'chnges'", 2),
        ("\n{% if false %}{{ chnges }}{% endif %}", "no variable 'chnges'", 2),
        ("\n\n{{ changes[0].olds }}", "no attribute 'olds'", 3),
        ("x\n{% if %}", "Expected an expression", 2),
        ("{{ 1 | nosuch }}", "No filter named", 1),
        ("{{ 1 / 0 }}", "division by zero", 1),
        ("{{ ''.__class__ }}", "unsafe", 1),
        ("{{ '' | attr('__class__') }}", "unsafe", 1),
        ("{{ '{0.__class__}'.format(1) }}", "unsafe", 1),
        ("{{ changes.append.__globals__ }}", "unsafe", 1),
        ("{{ namespace.__init__.__globals__ }}", "unsafe", 1),
        ("{{ changes.clear() }}", "unsafe", 1),
        ("{% set gone = counts.update({}) %}x", "unsafe", 1),
        ("{{ counts.items }}", "nothing that can be printed", 1),
        ("x\n{% include 'secrets/team.secret' %}", "other templates", 2),
        ("{% import 'os' as os %}", "other templates", 1),
        ("{% extends 'x' %}", "other templates", 1),
        ("{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}", "macros", 1),
        ("{% for item in changes recursive %}{{ loop([item]) }}{% endfor %}", "call themselves", 1),
        ("{% block body %}{{ self.body() }}{% endblock %}", "calls itself too often", 1),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "nested too deep", None),
        ("{% for i in range(10 ** 9) %}x{% endfor %}", "Range too big", 1),
        ("\n{% for i in range(99999) %}words that go on and on {% endfor %}", "more than 10000 characters", 2),
        ("{{ 'x' * 10 ** 9 }}", "more than 256 MiB", 1),
        ("{{ 'x' * 10 ** 7 }}", "more than 50000 characters", 1),
        ("{{ '%1000000000s' | format(1) }}", "more than 256 MiB", 1),
        ("{{ 'x' | center(10 ** 9) }}", "more than 256 MiB", 1),
        ("{{ [1] * 10 ** 9 }}", "more than 256 MiB", 1),
        ("{% block head %}{% endblock %}", "no part 'head'", 1),
        ("\nlost {% block body %}x{% endblock %}", "said nowhere", None),
        ("{# nothing #}", "body is empty", None),
        ("{" * 70_000, "longer than 65536", None),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_a_template_that_cannot_be_used_is_refused_with_its_line(template, why, line):
    fault = fault_of(template)
    assert why in str(fault)
    assert line in (None, fault.line)


@pytest.mark.parametrize(
    "template",
    [
        "\n{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 10 ** (10 ** 9) }}",
    ],
)
def test_a_template_without_end_is_ended(template):
    begun = time.monotonic()
    assert "too long" in str(fault_of(template, seconds=0.5))
    assert time.monotonic() - begun < 60


def test_a_template_reaches_no_file_and_no_secret_of_the_environment(monkeypatch, tmp_path):
    """Were the sandbox of the engine itself broken out of, the process has nothing: that is shown without the engine."""
    monkeypatch.setenv("GITHUB_TOKEN", "a-token-of-the-operator")
    said = json.dumps(filled("{{ channel }}", "chat", [example(channel=str(sorted(os.environ)))]))
    assert "GITHUB" in said  # it was there for us
    for event in ("open", "socket.connect", "subprocess.Popen", "os.system"):
        with pytest.raises(PermissionError):
            sandbox.refuse(event, ())


def test_one_message_that_fails_takes_no_other_with_it():
    values = [example(), example(changes=[]), example()]
    first, second, third = filled("{{ changes[0].new }}", "chat", values)
    assert first == third == {"body": "CAD 1,155"}
    assert isinstance(second, TemplateFault)


def test_captured_words_call_nobody_whatever_the_template_does_with_them():
    digest = replace(a_digest(), items=(hostile_item("@everyone <!channel>"),))
    values = variables_of(digest, base_url=BASE)
    template = "@here {{ subject }} {{ changes[0].quote_new ~ changes }} {{ changes[0].title | upper | safe }}"
    (parts,) = filled(template, "chat", [values])
    assert not isinstance(parts, TemplateFault)
    assert parts["body"].startswith("@here ")
    assert "@everyone" not in parts["body"].lower()
    assert "<!channel" not in parts["body"].lower()


@given(st.text(min_size=1))
def test_printed_words_show_as_they_are_and_mark_nothing_up(text):
    """As a reader of Markdown shows them: one paragraph of plain words, or nothing."""
    html = MarkdownIt("commonmark").render(unmarked(text))
    plain = re.sub(r"</?p>|\n$", "", html)
    assert "<" not in plain
    for live in ("@n", "#1", "!2", "~l", "%3", "&4", "/c"):
        assert live not in unmarked(text + live)
    assert "@a" not in uncalled(text + "@a")


def test_an_issue_is_worded_by_its_parts_and_captured_words_stay_in_their_fence():
    item = hostile_item("@everyone ```` [a](b)\n/close GH-3")
    (parts,) = filled(ISSUE, "issue", [issue_variables(a_digest(), item, Act.OPEN, base_url=BASE)])
    assert not isinstance(parts, TemplateFault)
    assert parts["title"].startswith("[guide] ")
    html = MarkdownIt("commonmark").render(parts["body"])
    assert html.count("<pre>") == 1
    assert "<a " not in html
    assert set(parts) == {"title", "body", "comment"}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("template", "form"), [(CHAT, "chat"), (ISSUE, "issue")])
def test_a_template_is_tried_on_news_and_on_quiet_times(template, form, language):
    prove(template, form, language=language)


def test_a_template_that_only_bears_news_is_refused_before_the_first_quiet_day():
    with pytest.raises(TemplateFault, match="line 1"):
        prove("{{ changes[0].new }}", "chat", language="en")


def team(store: Store, template: str, *, kind: ChannelKind = ChannelKind.APPRISE) -> None:
    with store.writing() as connection:
        number = keep_channel(
            connection,
            name="team",
            kind=kind,
            address="a/b" if kind is ChannelKind.GITHUB else "env:URL",
            secret="env:TOKEN" if kind is ChannelKind.GITHUB else "",
            mark="m" * 32,
            template=template,
            now=NOW,
        )
    reader(store, "team", channel=number, frequency=Frequency.INSTANT)


def composed(store: Store, read: dict[str, str] | None = None) -> Composed:
    def text(setting: str) -> str:
        if read is None:
            return setting
        if setting not in read:
            raise TemplateFault(f"{setting} cannot be read")
        return read[setting]

    (found,) = compose_due(
        store, sources=SOURCES, claims=CLAIMS, now=NOW, sender="w@watch.example", base_url=BASE, wording=Wording(text)
    )
    return found


def changed(store: Store, number: int = 1, after: int = 1155) -> int:
    return happen(
        store,
        flag(number, "permit-fee", before=dollars(1000), after=dollars(after)),
        at=NOW - timedelta(minutes=30),
    )


def fault_noted(store: Store) -> str:
    with store.reading() as connection:
        found = find_channel(connection, "team")
    assert found is not None
    return found.fault


def test_a_chat_is_told_in_the_words_of_its_template_and_stays_so_whatever_becomes_of_it(store):
    team(store, "file:chat.j2")
    changed(store)
    told = composed(store, {"file:chat.j2": CHAT})
    assert told.message is not None
    assert json.loads(told.message.content)["body"].endswith("example.org: CAD 1,155 https://watch.example/flags/1")
    with store.writing() as connection:
        (line,) = list_deliveries(connection)
        keep_template(connection, 1, "{{ other }}")
        (still,) = list_deliveries(connection)
    assert still == line
    assert told.fault == ""


def test_an_issue_is_worded_by_its_template_and_bears_its_mark_all_the_same(store):
    team(store, ISSUE, kind=ChannelKind.GITHUB)
    number = changed(store)
    ((_, order),) = composed(store).issues
    asked = json.loads(order.content)
    assert asked["title"] == "[guide] Fee"
    assert asked["body"].rstrip().endswith(asked["mark"])
    with store.writing() as connection:
        decide_flag(connection, number, verdict=ReviewVerdict.GUIDE_WRONG, note="", by="Ana", at=NOW)
    ((_, order),) = composed(store).issues
    asked = json.loads(order.content)
    assert asked["comment"].startswith("close by ")
    assert asked["comment"].rstrip().endswith(asked["said"])


@pytest.mark.parametrize("kind", [ChannelKind.APPRISE, ChannelKind.GITHUB])
def test_a_template_that_fails_loses_nothing_and_says_so_until_it_works_again(store, kind):
    template = "x\n{{ changes[0].claims[7].text }}"
    team(store, template, kind=kind)
    changed(store)
    told = composed(store)
    assert told.fault is not None
    assert "line 2" in told.fault
    content = told.message.content if told.message else told.issues[0][1].content
    assert "CAD 1,155" in content.decode()
    assert fault_noted(store) == told.fault
    with store.reading() as connection:
        assert len(list_deliveries(connection)) == 1
    with store.writing() as connection:
        keep_channel(
            connection, name="team", kind=kind, address="env:OTHER" if told.message else "c/d", secret="", now=NOW
        )
    assert fault_noted(store) == told.fault  # told elsewhere, worded as before
    changed(store, 2, 1300)
    composed(store, {template: "{{ changes[0].new }}"})
    assert fault_noted(store) == ""


def test_a_template_whose_file_is_gone_loses_nothing(store):
    team(store, "file:gone.j2")
    changed(store)
    told = composed(store, {})
    assert told.message is not None
    assert "cannot be read" in fault_noted(store)


def test_a_preview_shows_the_last_digest_that_told_anything_or_an_example(store):
    team(store, CHAT)
    changed(store)

    def shown(period: str) -> list[str]:
        with store.reading() as connection:
            someone = find_channel(connection, "team")
        assert someone is not None
        found = preview(
            store,
            sources=SOURCES,
            claims=CLAIMS,
            now=NOW,
            sender="w@watch.example",
            base_url=BASE,
            subscriber=reader(store, "team", channel=someone.id, frequency=Frequency.INSTANT),
            period=period,
        )
        return [json.loads(item.message.content)["body"] for item in found if item.message]

    assert shown("last") == []
    assert shown("example")[0].startswith("5 of team")
    composed(store)
    assert "CAD 1,155" in shown("last")[0]


def test_the_example_of_the_documentation_is_a_template_that_works(tmp_path):
    text = (Path(__file__).parents[2] / "docs" / "channels.md").read_text(encoding="utf-8")
    chat, issue = re.findall(r"```jinja\n(.*?)```", text, re.DOTALL)
    prove(chat, "chat", language="en")
    prove(issue, "issue", language="fr")
    (parts,) = filled(chat, "chat", [example()])
    assert not isinstance(parts, TemplateFault)
    assert "CAD 1,000 → CAD 1,155" in parts["body"]
    assert not set(UNSEEN) & set(parts["body"])


def test_every_variable_is_documented():
    text = (Path(__file__).parents[2] / "docs" / "channels.md").read_text(encoding="utf-8")
    digest = example_digest(subscriber=1, address="team", language="en")
    values = issue_variables(digest, digest.items[1], Act.CLOSE, base_url=BASE)
    inner = [values["change"], values["period"], values["counts"], example()["cannot_tell"], example()["incidents"]]
    names = {*values, *(name for each in inner for name in (each[0] if isinstance(each, list) else each))}
    assert {name for name in names if f"`{name}`" not in text} == set()
