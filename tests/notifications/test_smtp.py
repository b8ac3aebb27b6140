"""The SMTP dialogue with a server that lies, hangs and drops: what is raised decides whether a copy can follow."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest
import trustme

from domain.digests import Message
from domain.errors import DeliveryError
from notifications.dialogue import Timeouts
from notifications.sending import Ambiguous, OurFault, Unavailable
from notifications.smtp import SmtpSender, server_of
from tests.notifications.sinks import DROP, HANG, KEEP_AND_DROP, KEEP_AND_HANG, sink

QUICK = Timeouts(connect=2, greeting=0.3, command=0.3, data=0.3, body=2, final=0.3, quit=0.3)
TLS_OFFER = {"ehlo": "250-sink\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN"}
PIPELINING = {"ehlo": "250-sink\r\n250-PIPELINING\r\n250 SIZE 10000000"}
one_by_one_and_pipelined = pytest.mark.parametrize("usual", [{}, PIPELINING], ids=["one by one", "pipelined"])


class Marker:
    """Counts how often the phase marker was committed."""

    def __init__(self) -> None:
        self.commits = 0

    def __call__(self) -> None:
        self.commits += 1


@pytest.fixture
def marker() -> Marker:
    return Marker()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def message(number: int = 1, *, to: str | None = None, body: bytes = b"Hello.\r\n") -> Message:
    name = f"<m{number}@watch.example>"
    return Message(
        message_id=name,
        sender="digest@watch.example",
        recipient=to or f"reader{number}@example.org",
        subject="Hello",
        content=b"Message-ID: " + name.encode() + b"\r\nSubject: Hello\r\n\r\n" + body,
    )


@pytest.fixture
def sender_of() -> Iterator[object]:
    made: list[SmtpSender] = []

    def make(url: str, **options: object) -> SmtpSender:
        made.append(SmtpSender(url, timeouts=QUICK, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for sender in made:
        sender.close()


@one_by_one_and_pipelined
def test_a_message_arrives_octet_for_octet_after_its_marker_was_committed(sender_of, marker, usual):
    body = b".leading dot\r\n..two\r\n.\r\n" + b"x" * 5000 + b"\r\n"
    with sink(usual=usual) as server:
        sender_of(server.url).send(message(body=body), before_final_dot=marker)
    assert [item.content for item in server.kept] == [message(body=body).content]
    assert marker.commits == 1


@one_by_one_and_pipelined
def test_each_message_has_a_transaction_with_one_recipient(sender_of, marker, usual):
    with sink(usual=usual) as server:
        sender = sender_of(server.url)
        for number in range(3):
            sender.send(message(number), before_final_dot=marker)
    assert [item.recipients for item in server.kept] == [[f"reader{n}@example.org"] for n in range(3)]
    assert server.connections == 1


@one_by_one_and_pipelined
@pytest.mark.parametrize(
    "script",
    [
        {"greeting": [DROP]},
        {"greeting": [HANG]},
        {"greeting": ["554 no service"]},
        {"greeting": ["421 too busy"]},
        {"ehlo": [DROP]},
        {"ehlo": [HANG]},
        {"ehlo": ["421 too busy"]},
        {"mail": [DROP]},
        {"mail": [HANG]},
        {"mail": ["451 later"]},
        {"mail": ["421 too busy"]},
        {"greeting": ["garbage"]},
    ],
)
def test_before_the_recipient_is_named_trouble_is_the_servers(sender_of, marker, script, usual):
    with sink(script, usual=usual) as server, pytest.raises(Unavailable):
        sender_of(server.url).send(message(), before_final_dot=marker)
    assert marker.commits == 0
    assert server.kept == []


@one_by_one_and_pipelined
@pytest.mark.parametrize(
    ("script", "permanent"),
    [
        ({"rcpt": ["550 no such reader"]}, True),
        ({"rcpt": ["450 later"]}, False),
        ({"rcpt": ["421 too busy"]}, False),
        ({"rcpt": [DROP]}, False),
        ({"rcpt": [HANG]}, False),
        ({"rcpt": ["nonsense"]}, False),
        ({"data": ["554 no"]}, True),
        ({"data": ["451 later"]}, False),
        ({"data": [DROP]}, False),
        ({"data": [HANG]}, False),
    ],
)
def test_before_the_dot_trouble_is_this_recipients_and_free_to_try_again(sender_of, marker, script, permanent, usual):
    with sink(script, usual=usual) as server:
        sender = sender_of(server.url)
        with pytest.raises(DeliveryError) as caught:
            sender.send(message(1), before_final_dot=marker)
        assert caught.value.permanent is permanent
        assert not isinstance(caught.value, Unavailable | OurFault)
        assert marker.commits == 0
        sender.send(message(2), before_final_dot=marker)
    assert [item.recipients for item in server.kept] == [["reader2@example.org"]]


@one_by_one_and_pipelined
@pytest.mark.parametrize(
    ("reply", "permanent"), [("451 later", False), ("452 full", False), ("421 bye", False), ("552 no", True)]
)
def test_a_refusal_after_the_dot_is_no_copy(sender_of, marker, reply, permanent, usual):
    with sink({"dot": [reply]}, usual=usual) as server:
        sender = sender_of(server.url)
        with pytest.raises(DeliveryError) as caught:
            sender.send(message(1), before_final_dot=marker)
        assert caught.value.permanent is permanent
        sender.send(message(2), before_final_dot=marker)
    assert len(server.kept) == 1
    assert marker.commits == 2


@one_by_one_and_pipelined
@pytest.mark.parametrize(
    ("reply", "copies"),
    [(DROP, 0), (HANG, 0), (KEEP_AND_DROP, 1), (KEEP_AND_HANG, 1), ("what was that", 0), ("199 hm", 0)],
)
def test_no_answer_after_the_dot_is_ambiguous(sender_of, marker, reply, copies, usual):
    with sink({"dot": [reply]}, usual=usual) as server:
        with pytest.raises(Ambiguous) as caught:
            sender_of(server.url).send(message(), before_final_dot=marker)
        assert not isinstance(caught.value, DeliveryError)
    assert marker.commits == 1
    assert len(server.kept) == copies


@one_by_one_and_pipelined
def test_a_marker_that_cannot_be_committed_keeps_the_dot_back(sender_of, usual):
    class Fenced(Exception):
        pass

    def refuse() -> None:
        raise Fenced

    with sink(usual=usual) as server:
        with pytest.raises(Fenced):
            sender_of(server.url).send(message(), before_final_dot=refuse)
        assert server.kept == []


@one_by_one_and_pipelined
@pytest.mark.parametrize(
    "script", [{"mail": ["550 not you"]}, {"mail": ["530 log in first"]}, {"rcpt": ["530 log in"]}]
)
def test_a_refusal_of_us_is_our_fault(sender_of, marker, script, usual):
    with sink(script, usual=usual) as server, pytest.raises(OurFault):
        sender_of(server.url).send(message(), before_final_dot=marker)


@pytest.mark.parametrize("reply", ["535 wrong", "454 try later", "504 unknown mechanism"])
def test_a_refused_login_is_our_fault_and_names_no_secret(sender_of, marker, reply):
    offer = {"ehlo": "250-sink\r\n250 AUTH PLAIN LOGIN", "auth": reply}
    with sink(usual=offer) as server, pytest.raises(OurFault) as caught:
        sender_of(f"smtp://me:opensesame@127.0.0.1:{server.port}").send(message(), before_final_dot=marker)
    assert "opensesame" not in str(caught.value)
    assert "opensesame" not in repr(server_of(f"smtp://me:opensesame@127.0.0.1:{server.port}"))


def test_a_server_without_login_is_our_fault(sender_of, marker):
    with sink() as server, pytest.raises(OurFault):
        sender_of(f"smtp://me:opensesame@127.0.0.1:{server.port}").send(message(), before_final_dot=marker)


def test_without_starttls_no_credentials_are_sent(sender_of, marker):
    with sink(usual={"ehlo": "250-sink\r\n250 AUTH PLAIN LOGIN"}) as server, pytest.raises(OurFault):
        sender_of(f"smtp+starttls://me:opensesame@127.0.0.1:{server.port}").send(message(), before_final_dot=marker)
    assert server.said("auth") == []
    assert server.said("mail") == []


def test_a_certificate_that_does_not_hold_is_refused_before_login(sender_of, marker, server_tls):
    with sink(usual=TLS_OFFER, tls=server_tls) as server, pytest.raises(OurFault):
        sender_of(f"smtp+starttls://me:opensesame@127.0.0.1:{server.port}").send(message(), before_final_dot=marker)
    assert server.said("auth") == []


def test_starttls_then_login_then_mail(sender_of, marker, server_tls, client_tls):
    with sink(usual=TLS_OFFER, tls=server_tls) as server:
        url = f"smtp+starttls://me:open%40sesame@127.0.0.1:{server.port}"
        sender_of(url, tls=client_tls).send(message(), before_final_dot=marker)
    assert len(server.kept) == 1
    assert len(server.said("auth")) == 1
    assert len(server.said("ehlo")) == 2


def test_words_that_came_before_encryption_are_not_believed(sender_of, marker, server_tls, client_tls):
    script = {"starttls": ["220 go\r\n250 injected"]}
    with sink(script, usual=TLS_OFFER, tls=server_tls) as server, pytest.raises(OurFault):
        sender_of(f"smtp+starttls://127.0.0.1:{server.port}", tls=client_tls).send(message(), before_final_dot=marker)


@pytest.mark.parametrize("reply", ["454 not now", DROP, HANG])
def test_starttls_that_fails_is_unavailable(sender_of, marker, server_tls, client_tls, reply):
    with sink({"starttls": [reply]}, usual=TLS_OFFER, tls=server_tls) as server, pytest.raises(Unavailable):
        sender_of(f"smtp+starttls://127.0.0.1:{server.port}", tls=client_tls).send(message(), before_final_dot=marker)


def test_tls_from_the_first_octet(sender_of, marker, server_tls, client_tls):
    with sink(tls=server_tls, implicit_tls=True) as server:
        sender_of(f"smtps://127.0.0.1:{server.port}", tls=client_tls).send(message(), before_final_dot=marker)
    assert len(server.kept) == 1


def test_a_server_that_knows_only_helo_is_spoken_to(sender_of, marker):
    with sink({"ehlo": ["502 not here"]}) as server:
        sender_of(server.url).send(message(), before_final_dot=marker)
    assert len(server.kept) == 1


@one_by_one_and_pipelined
def test_a_connection_that_went_stale_is_replaced(sender_of, marker, usual):
    with sink({"mail": ["250 ok", DROP, "250 ok", "421 enough"]}, usual=usual) as server:
        sender = sender_of(server.url)
        for number in range(4):
            sender.send(message(number), before_final_dot=marker)
    assert len(server.kept) == 4
    assert server.connections == 3


def test_a_message_over_the_announced_size_is_refused_before_it_is_sent(sender_of, marker):
    with sink(usual={"ehlo": "250-sink\r\n250 SIZE 100"}) as server, pytest.raises(DeliveryError) as caught:
        sender_of(server.url).send(message(body=b"x" * 200), before_final_dot=marker)
    assert caught.value.permanent
    assert server.said("mail") == []


@pytest.mark.parametrize("reply", ["550 no such reader", "450 later"])
def test_a_server_that_wants_a_message_for_nobody_gets_no_dot(sender_of, marker, reply):
    with sink({"rcpt": [reply], "data": ["354 go on"]}, usual=PIPELINING) as server:
        sender = sender_of(server.url)
        with pytest.raises(DeliveryError) as caught:
            sender.send(message(1), before_final_dot=marker)
        assert reply in str(caught.value)
        sender.send(message(2), before_final_dot=marker)
    assert [item.recipients for item in server.kept] == [["reader2@example.org"]]
    assert (marker.commits, server.connections) == (1, 2)


def test_after_a_refused_recipient_the_connection_is_used_on(sender_of, marker):
    with sink({"rcpt": ["550 no such reader"]}, usual=PIPELINING) as server:
        sender = sender_of(server.url)
        with pytest.raises(DeliveryError):
            sender.send(message(1), before_final_dot=marker)
        sender.send(message(2), before_final_dot=marker)
    assert (len(server.kept), server.connections) == (1, 1)


def test_a_refused_recipient_stays_refused_where_the_server_then_drops(sender_of, marker):
    with sink({"rcpt": ["550 no such reader"], "data": [DROP]}, usual=PIPELINING) as server:
        with pytest.raises(DeliveryError) as caught:
            sender_of(server.url).send(message(1), before_final_dot=marker)
        assert caught.value.permanent


def test_where_pipelining_is_offered_a_message_takes_two_writes(sender_of, marker):
    with sink(usual=PIPELINING) as server:
        sender = sender_of(server.url)
        sender.send(message(1), before_final_dot=marker)
        sender.send(message(2), before_final_dot=marker)
    envelope, whole = server.reads[1:3]
    assert [line[:4] for line in envelope.splitlines()] == [b"MAIL", b"RCPT", b"DATA"]
    assert whole == message(1).content + b".\r\n"
    assert len(server.reads) == 1 + 2 * 2


@pytest.mark.parametrize("quit_reply", [DROP, HANG, "500 what"])
def test_a_bad_farewell_changes_nothing(marker, quit_reply):
    with sink({"quit": [quit_reply]}) as server:
        sender = SmtpSender(server.url, timeouts=QUICK)
        sender.send(message(), before_final_dot=marker)
        sender.close()
    assert len(server.kept) == 1


@one_by_one_and_pipelined
@pytest.mark.parametrize("to", ["a@b.org>\r\nRCPT TO:<c@d.org", "a b@c.org\n"])
def test_an_address_cannot_inject_a_command(sender_of, marker, to, usual):
    with sink(usual=usual) as server:
        sender = sender_of(server.url)
        with pytest.raises(DeliveryError) as caught:
            sender.send(message(to=to), before_final_dot=marker)
        assert caught.value.permanent
        sender.send(message(2), before_final_dot=marker)
    assert [item.recipients for item in server.kept] == [["reader2@example.org"]]


def test_an_address_beyond_ascii_goes_where_the_server_takes_it(sender_of, marker):
    with sink() as server, pytest.raises(DeliveryError):
        sender_of(server.url).send(message(to="andré@example.org"), before_final_dot=marker)
    with sink(usual={"ehlo": "250-sink\r\n250 SMTPUTF8"}) as server:
        sender_of(server.url).send(message(to="andré@example.org"), before_final_dot=marker)
    assert server.kept[0].recipients == ["andré@example.org"]


def test_nobody_listening_is_unavailable(sender_of, marker):
    with sink() as server:
        port = server.port
    with pytest.raises(Unavailable):
        sender_of(f"smtp://127.0.0.1:{port}").send(message(), before_final_dot=marker)


@pytest.mark.parametrize("url", ["http://a", "smtp://", "smtp://me:opensesame@host:port", "opensesame"])
def test_an_address_that_names_no_server_is_refused_without_showing_it(url):
    with pytest.raises(ValueError, match="a mail server is written") as caught:
        server_of(url)
    assert "opensesame" not in str(caught.value)
