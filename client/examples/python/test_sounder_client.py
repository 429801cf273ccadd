"""Tests of sounder_client with bytes that others wrote: the examples of PROTOCOL.md and the fuzzer's inputs.

SOUNDER_SOURCE_DIR in the environment names the source tree.
"""

import contextlib
import ipaddress
import os
import pathlib
import re
import socket
import struct
import tempfile
import threading
import unittest

import broker_generated as wire
import flatbuffers
import sounder_client as client

ROOT = pathlib.Path(os.environ["SOUNDER_SOURCE_DIR"])


def examples():
    page = (ROOT / "engine/broker/PROTOCOL.md").read_text()
    return {
        name: bytes.fromhex(re.sub(r"#.*", "", block))
        for name, block in re.findall(r"```hex (\w+)\n(.*?)```", page, re.DOTALL)
    }


def recorded(name):
    """An input of the fuzz target of frames; its first byte is not part of the stream."""
    return (ROOT / "tests/fuzz/corpus/broker_frame_fuzz" / name).read_bytes()[1:]


def only(messages):
    (message,) = messages
    return message


def frame(name, start, end, **fields):
    """A message of the daemon with these fields, which are numbers or vectors of numbers (offsets)."""
    builder = flatbuffers.Builder(256)
    vectors = {}
    for field, value in fields.items():
        if isinstance(value, list):
            getattr(wire, f"{name}Start{field}Vector")(builder, len(value))
            for number in reversed(value):
                builder.PrependUint64(number)
            vectors[field] = builder.EndVector()
    start(builder)
    for field, value in fields.items():
        getattr(wire, f"{name}Add{field}")(builder, vectors.get(field, value))
    return client.Protocol._frame(builder, name, end(builder))


class ProtocolTest(unittest.TestCase):
    def test_reads_the_page(self):
        protocol = client.Protocol()
        name, results = only(protocol.receive(examples()["EchoResults"]))
        self.assertEqual(name, "EchoResults")
        self.assertEqual(protocol.room(), 257)
        result = results.Results(0)
        self.assertEqual(results.ResultsLength(), 1)
        self.assertEqual((result.Token(), result.RttNs(), result.Ttl(), result.Size()), (1, 1_234_567, 57, 56))
        self.assertEqual((result.Kind(), result.Tx()), (wire.OutcomeKind.Reply, wire.StampSource.Kernel))

    def test_says_what_the_page_says(self):
        """Tables may lie otherwise, but what is read of them is the same."""
        protocol = client.Protocol()
        protocol.credit_limit = 1
        written = {
            "Hello": protocol.hello("demo"),
            "Register": protocol.register(7, watches=[(3, wire.WatchMode.Level)]),
            "Echo": protocol.echo([client.request(1, "192.0.2.1", timeout=1.0)]),
        }
        for name, mine in written.items():
            kind, body = only(client.Protocol().receive(mine))
            other_kind, other = only(client.Protocol().receive(examples()[name]))
            self.assertEqual((kind, other_kind), (name, name))
            self.assertEqual(said(body), said(other))

    def test_reads_a_stream_however_it_is_cut(self):
        stream = recorded("from_broker_welcome") + recorded("from_broker_changes") + recorded("from_broker_monitor")
        for size in (1, 3, 7, len(stream)):
            protocol = client.Protocol()
            names = [
                name
                for i in range(0, len(stream), size)
                for name, _ in protocol.receive(stream[i : i + size])
            ]
            self.assertEqual(names, ["Welcome", "Changes", "MonitorResults"])
            self.assertEqual(protocol.credit_limit, 256)

    def test_refuses_what_is_no_message(self):
        for name in ("other_identifier", "root_outside", "zeros", "too_long_of_broker"):
            with self.assertRaises(client.ProtocolError, msg=name):
                client.Protocol().receive(recorded(name))

    def test_passes_over_messages_of_later_versions(self):
        self.assertEqual(client.Protocol().receive(recorded("later_type_31")), [])

    def test_counts_credit_over_the_wrap(self):
        protocol = client.Protocol()
        protocol.sent, protocol.credit_limit = 2**32 - 2, 3
        self.assertEqual(protocol.room(), 5)
        protocol.echo([client.request(i, "192.0.2.1") for i in range(4)])
        self.assertEqual((protocol.sent, protocol.room()), (2, 1))
        with self.assertRaises(ValueError):
            protocol.echo([client.request(i, "192.0.2.1") for i in range(2)])

    def test_keeps_64_bit_fields_aligned(self):
        protocol = client.Protocol()
        protocol.credit_limit = 1
        echo = protocol.echo([client.request(0x1122334455667788, "192.0.2.1")])
        self.assertEqual(echo.index(struct.pack("<Q", 0x1122334455667788)) % 8, 0)

    def test_converts_addresses(self):
        class Address:
            def __init__(self, high, low, scope, family):
                self.High, self.Low = lambda: high, lambda: low
                self.Scope, self.Family = lambda: scope, lambda: family

        for text in ("127.0.0.1", "::1", "fe80::1:2%5", "2001:db8::ffff:1"):
            self.assertEqual(client.from_wire(Address(*client.to_wire(text))), ipaddress.ip_address(text))
        self.assertIsNone(client.from_wire(Address(*client.to_wire(None))))


def said(body):
    if isinstance(body, wire.Hello):
        return body.MinVersion(), body.MaxVersion(), body.Program()
    if isinstance(body, wire.Register):
        watches = [(body.Watches(i).Kinds(), body.Watches(i).Mode()) for i in range(body.WatchesLength())]
        return body.Correlation(), watches, body.MonitorsLength(), body.OutcomesLength()
    request, address = body.Requests(0), wire.Address()
    times = request.Token(), request.TimeoutUs(), request.Size(), request.Ttl(), request.Dscp(), request.Flags()
    return times, str(client.from_wire(request.To(address)))


class TableTest(unittest.TestCase):
    def test_is_what_the_snapshot_says(self):
        table = client.NetworkTable()
        _, changes = only(client.Protocol().receive(recorded("from_broker_changes")))
        table.objects["interface", 9] = "of an earlier pass"
        table.take(changes)
        self.assertTrue(table.complete)
        own = ipaddress.ip_address("127.0.0.1")
        self.assertEqual(set(table.objects), {("interface", 1), ("address", 1, own, 8)})


class Daemon(threading.Thread):
    """Answers each message that comes with the next of the prepared ones; then closes."""

    def __init__(self, path, answers):
        super().__init__()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.answers = answers
        self.heard = []

    def run(self):
        stream, _ = self.listener.accept()
        with stream:
            protocol = client.Protocol()
            for answer in self.answers:
                messages = []
                while not messages and (data := stream.recv(65536)):
                    messages = protocol.receive(data)
                self.heard += messages
                stream.sendall(answer)


class SessionTest(unittest.TestCase):
    @contextlib.contextmanager
    def session(self, *answers):
        with tempfile.TemporaryDirectory() as folder:
            path = folder + "/socket"
            self.daemon = Daemon(path, [recorded("from_broker_welcome"), *answers])
            self.daemon.start()
            with client.Session(path, timeout=60) as session:
                yield session
            self.daemon.join()
            self.daemon.listener.close()

    def registered(self, correlation, ids):
        return frame("Registered", wire.RegisteredStart, wire.RegisteredEnd, Correlation=correlation, Ids=ids)

    def test_says_hello(self):
        with self.session() as session:
            self.assertEqual(session.welcome.MaxFrame(), 16384)
        name, hello = self.daemon.heard[0]
        self.assertEqual((name, hello.Program()), ("Hello", b"python"))

    def test_registers_and_hears_of_it(self):
        # The changes overtake the answer, which the protocol does not forbid to expect.
        with self.session(recorded("from_broker_changes") + self.registered(1, [5, 6])) as session:
            self.assertEqual(session.register(watches=[(1, 0), (2, 1)]), [5, 6])
            name, _ = next(session.events())
            self.assertEqual(name, "Changes")
            with self.assertRaises(client.Closed):
                next(session.events())

    def test_raises_what_was_refused(self):
        limit = frame("Refused", wire.RefusedStart, wire.RefusedEnd, Correlation=1, Code=1, Maximum=9, Used=9)
        with self.session(limit) as session:
            with self.assertRaisesRegex(client.Refused, "9 of 9"):
                session.register(watches=[(1, 0)])

    def test_sends_echoes_and_gives_their_results(self):
        with self.session(examples()["EchoResults"]) as session:
            result = only(session.echo(["192.0.2.1"], size=100))
            self.assertEqual(result.RttNs(), 1_234_567)
        _, echo = self.daemon.heard[1]
        self.assertEqual(echo.Requests(0).Size(), 100)

    def test_raises_echoes_that_a_limit_refused(self):
        refused = frame("Refused", wire.RefusedStart, wire.RefusedEnd, Code=1, Echoes=1)
        with self.session(refused) as session:
            with self.assertRaises(client.Refused):
                list(session.echo(["192.0.2.1"]))


if __name__ == "__main__":
    unittest.main()
