"""A client of sounder's broker, written from engine/broker/broker.fbs and PROTOCOL.md alone.

It needs Python 3.9, the package flatbuffers (Debian: python3-flatbuffers), and what flatc makes of the schema:

    flatc --python --gen-onefile -o . broker.fbs

Protocol is bytes in, bytes out, for any way of waiting; Session is the same on a blocking socket:

    with Session() as session:
        for result in session.echo(["192.0.2.1"]):
            print(result.RttNs() if result.Kind() == wire.OutcomeKind.Reply else "no reply")

Answers and events are the classes that flatc made. As a program: sounder_client.py --help
"""

import argparse
import collections
import ipaddress
import itertools
import socket
import struct
import sys

import broker_generated as wire
import flatbuffers

IDENTIFIER = b"SNDR"
MAX_FRAME = 64 << 10  # of the daemon, without the length
MAX_REGISTRATIONS = 1024  # a message
MAX_ECHOES = 128  # a message
UNKNOWN = 2**64 - 1  # ChangeEvents.missed: the system itself lost count

_NAMES = {number: name for name, number in vars(wire.Body).items() if isinstance(number, int)}


class ProtocolError(Exception):
    """What came is no message of this protocol."""


class Refused(Exception):
    """A request was refused, and has changed nothing."""

    def __init__(self, refused):
        limit, text = (part.decode() if part else "" for part in (refused.Limit(), refused.Text()))
        super().__init__(text or f"{limit}: {refused.Used()} of {refused.Maximum()}")
        self.code = refused.Code()


class Closed(Exception):
    """The session has ended. `reason` is a wire.CloseReason, or None where the daemon said nothing."""

    def __init__(self, closing=None):
        super().__init__(closing.Text().decode() if closing and closing.Text() else "the daemon has gone")
        self.reason = closing.Reason() if closing else None


def to_wire(address):
    """The four fields of an Address. None: no address."""
    if address is None:
        return 0, 0, 0, wire.Family.None_
    address = ipaddress.ip_address(address)
    number = int(address)
    if address.version == 4:
        return 0, number, 0, wire.Family.V4
    return number >> 64, number & UNKNOWN, int(address.scope_id or 0), wire.Family.V6


def from_wire(address):
    """An ipaddress, or None."""
    if address is None or address.Family() not in (wire.Family.V4, wire.Family.V6):
        return None
    if address.Family() == wire.Family.V4:
        return ipaddress.IPv4Address(address.Low())
    plain = ipaddress.IPv6Address(address.High() << 64 | address.Low())
    return ipaddress.IPv6Address(f"{plain}%{address.Scope()}") if address.Scope() else plain


class Protocol:
    """One session's messages, without the stream: what the daemon sends goes into receive(), what the other functions
    give is to be sent."""

    def __init__(self):
        self._buffer = bytearray()
        self.welcome = None
        self.credit_limit = 0
        self.sent = 0  # echo requests, modulo 2^32

    def room(self):
        """How many echo requests may be sent now."""
        return (self.credit_limit - self.sent) % 2**32

    def receive(self, data):
        """All messages that are whole, as (name, object); types that this schema does not know are left out."""
        self._buffer += data
        messages = []
        while len(self._buffer) >= 4:
            (length,) = struct.unpack_from("<I", self._buffer)
            if length > MAX_FRAME:
                raise ProtocolError(f"a message of {length} bytes")
            if len(self._buffer) < 4 + length:
                break
            frame = bytes(self._buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
            name, body = self._parse(frame)
            if body is not None:
                self._take_note(name, body)
                messages.append((name, body))
        return messages

    def _parse(self, frame):
        # flatbuffers for Python has no verifier; it raises where an offset leads out of the frame.
        try:
            if not wire.Message.MessageBufferHasIdentifier(frame, 0):
                raise ProtocolError("not a message of sounder's broker")
            message = wire.Message.GetRootAs(frame)
            name = _NAMES.get(message.BodyType())
            table = message.Body()
        except (struct.error, IndexError, TypeError) as error:
            raise ProtocolError("a broken message") from error
        if name is None:
            return None, None
        if table is None:
            raise ProtocolError(f"a {name} without a body")
        body = getattr(wire, name)()
        body.Init(table.Bytes, table.Pos)
        return name, body

    def _take_note(self, name, body):
        if name == "Welcome":
            self.welcome = body
        if name in ("Welcome", "EchoResults"):
            self.credit_limit = body.CreditLimit()

    @staticmethod
    def _frame(builder, name, body):
        wire.MessageStart(builder)
        wire.MessageAddBodyType(builder, getattr(wire.Body, name))
        wire.MessageAddBody(builder, body)
        builder.FinishSizePrefixed(wire.MessageEnd(builder), IDENTIFIER)
        return bytes(builder.Output())

    def hello(self, program=""):
        builder = flatbuffers.Builder(256)
        name = builder.CreateString(program)
        wire.HelloStart(builder)
        wire.HelloAddMinVersion(builder, 1)
        wire.HelloAddMaxVersion(builder, 1)
        wire.HelloAddProgram(builder, name)
        return self._frame(builder, "Hello", wire.HelloEnd(builder))

    def register(self, correlation, watches=(), monitors=(), outcomes=()):
        """`watches`: (kinds, mode); `monitors`: what monitor() gives; `outcomes`: (group, target)."""
        builder = flatbuffers.Builder(4096)
        specs = [_outcomes_spec(builder, *each) for each in outcomes]
        vectors = (
            _vector(builder, wire.RegisterStartWatchesVector, watches, lambda each: wire.CreateWatchSpec(builder, *each)),
            _vector(
                builder, wire.RegisterStartMonitorsVector, monitors, lambda each: wire.CreateMonitorSpec(builder, *each)
            ),
            _vector(builder, wire.RegisterStartOutcomesVector, specs, builder.PrependUOffsetTRelative),
        )
        wire.RegisterStart(builder)
        wire.RegisterAddCorrelation(builder, correlation)
        wire.RegisterAddWatches(builder, vectors[0])
        wire.RegisterAddMonitors(builder, vectors[1])
        wire.RegisterAddOutcomes(builder, vectors[2])
        return self._frame(builder, "Register", wire.RegisterEnd(builder))

    def unregister(self, correlation, ids):
        builder = flatbuffers.Builder(4096)
        vector = _vector(builder, wire.UnregisterStartIdsVector, ids, builder.PrependUint64)
        wire.UnregisterStart(builder)
        wire.UnregisterAddCorrelation(builder, correlation)
        wire.UnregisterAddIds(builder, vector)
        return self._frame(builder, "Unregister", wire.UnregisterEnd(builder))

    def echo(self, requests):
        """`requests`: what request() gives, at most room() and MAX_ECHOES of them."""
        if len(requests) > min(self.room(), MAX_ECHOES):
            raise ValueError("more requests than there is credit for")
        self.sent = (self.sent + len(requests)) % 2**32
        builder = flatbuffers.Builder(4096)
        vector = _vector(builder, wire.EchoStartRequestsVector, requests, lambda each: wire.CreateEchoSpec(builder, *each))
        wire.EchoStart(builder)
        wire.EchoAddRequests(builder, vector)
        return self._frame(builder, "Echo", wire.EchoEnd(builder))

    def ping(self, token):
        builder = flatbuffers.Builder(64)
        wire.PingStart(builder)
        wire.PingAddToken(builder, token)
        return self._frame(builder, "Ping", wire.PingEnd(builder))

    def inspect(self, correlation, after=0):
        builder = flatbuffers.Builder(64)
        wire.InspectStart(builder)
        wire.InspectAddCorrelation(builder, correlation)
        wire.InspectAddAfter(builder, after)
        return self._frame(builder, "Inspect", wire.InspectEnd(builder))


def _vector(builder, start, items, put):
    items = list(items)
    start(builder, len(items))
    for item in reversed(items):  # FlatBuffers are made from their end
        put(item)
    return builder.EndVector()


def _outcomes_spec(builder, group="", target=""):
    names = [builder.CreateString(name) if name else None for name in (group, target)]
    wire.OutcomesSpecStart(builder)
    if names[0] is not None:
        wire.OutcomesSpecAddGroup(builder, names[0])
    if names[1] is not None:
        wire.OutcomesSpecAddTarget(builder, names[1])
    return wire.OutcomesSpecEnd(builder)


def request(token, to, *, source=None, timeout=2.0, interface=0, size=56, ttl=64, dscp=0, flags=0):
    """An EchoSpec. Times are in seconds."""
    microseconds = round(timeout * 1e6)
    return (token, *to_wire(to), *to_wire(source), microseconds, interface, size, ttl, dscp, flags)


def monitor(to, interval, *, source=None, timeout=2.0, interface=0, size=56, ttl=64, dscp=0, flags=0, keep=0):
    """A MonitorSpec. Times are in seconds."""
    times = round(interval * 1e6), round(timeout * 1e6)
    return (*to_wire(to), *to_wire(source), *times, interface, size, ttl, dscp, flags, keep)


class NetworkTable:
    """What level watches tell, as a table: its `objects` are the daemon's whenever `complete` is set."""

    def __init__(self):
        self.objects = {}
        self.complete = False
        self._unmentioned = set()

    def take(self, changes):
        """A Changes message."""
        if changes.SnapshotBegins():
            self.complete = False
            self._unmentioned = set(self.objects)
        for change in map(changes.Changes, range(changes.ChangesLength())):
            key, thing = _keyed(change)
            self._unmentioned.discard(key)
            if change.Gone():
                self.objects.pop(key, None)
            else:
                self.objects[key] = thing
        if changes.SnapshotEnds():
            for key in self._unmentioned:
                del self.objects[key]
            self._unmentioned = set()
            self.complete = True


def _keyed(change):
    interface, address, route = change.Interface(), change.Address(), change.Route()
    if interface is not None:
        return ("interface", interface.Index()), interface
    if address is not None:
        own = from_wire(address.Address())
        return ("address", address.Interface(), own, address.PrefixLength()), address
    destination, gateway = from_wire(route.Destination()), from_wire(route.Gateway())
    block = destination, route.PrefixLength(), route.TableId(), route.Metric()
    return ("route", *block, route.Interface(), gateway), route


class Session:
    """A session on a blocking Unix stream socket. One thread."""

    def __init__(self, path="/run/sounder/broker.sock", program="python", timeout=None):
        """`timeout`: seconds that any wait for the daemon may take; socket.timeout is raised beyond it."""
        self._protocol = Protocol()
        self._waiting = collections.deque()
        self._correlations = itertools.count(1)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)  # close-on-exec, as Python's are
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(path)
            self._socket.sendall(self._protocol.hello(program))
            self.welcome = self._answer("Welcome", 0)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the session, and with it all that was registered."""
        self._socket.close()

    def _receive(self):
        data = self._socket.recv(MAX_FRAME)
        if not data:
            raise Closed()
        for name, body in self._protocol.receive(data):
            if name == "Closing":
                raise Closed(body)
            self._waiting.append((name, body))

    def _next(self, wanted):
        """Waits for the first message that is wanted; those that come before it are kept for events()."""
        looked_at = 0
        while True:
            for i in range(looked_at, len(self._waiting)):
                message = self._waiting[i]
                if wanted(*message):
                    del self._waiting[i]
                    return message
            looked_at = len(self._waiting)
            self._receive()

    def _answer(self, name, correlation):
        def answers(kind, body):
            if kind == "Refused":
                return body.Echoes() == 0 and body.Correlation() == correlation
            return kind == name and (name == "Welcome" or body.Correlation() == correlation)

        kind, body = self._next(answers)
        if kind == "Refused":
            raise Refused(body)
        return body

    def register(self, watches=(), monitors=(), outcomes=()):
        """The ids, of all or (Refused is raised) of none. See Protocol.register()."""
        correlation = next(self._correlations)
        self._socket.sendall(self._protocol.register(correlation, watches, monitors, outcomes))
        answer = self._answer("Registered", correlation)
        return [answer.Ids(i) for i in range(answer.IdsLength())]

    def unregister(self, ids):
        """Those of the ids that existed."""
        correlation = next(self._correlations)
        self._socket.sendall(self._protocol.unregister(correlation, ids))
        answer = self._answer("Unregistered", correlation)
        return [answer.Ids(i) for i in range(answer.IdsLength())]

    def sessions(self):
        """What the daemon tells of its sessions (SessionInfo)."""
        after, last = 0, False
        while not last:
            correlation = next(self._correlations)
            self._socket.sendall(self._protocol.inspect(correlation, after))
            page = self._answer("Sessions", correlation)
            for info in map(page.Sessions, range(page.SessionsLength())):
                after = info.Session()
                yield info
            last = page.Last()

    def events(self):
        """All other messages as (name, object), for ever: Changes, ChangeEvents, Outcomes, MonitorResults."""
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            self._receive()

    def echo(self, addresses, **options):
        """Sends a request to each address, as many at a time as there is credit for, and gives the results as they
        come; the token of a result is the address' place. Ends when each has its result. Raises Refused if a limit
        leaves no room. `options`: of request()."""
        specs = collections.deque(request(token, to, **options) for token, to in enumerate(addresses))
        missing = len(specs)
        while missing:
            while specs and self._protocol.room():
                count = min(len(specs), self._protocol.room(), MAX_ECHOES)
                self._socket.sendall(self._protocol.echo([specs.popleft() for _ in range(count)]))
            name, body = self._next(lambda name, body: name == "EchoResults" or name == "Refused" and body.Echoes())
            if name == "Refused":
                raise Refused(body)
            missing -= body.ResultsLength()
            yield from map(body.Results, range(body.ResultsLength()))


def _outcome_text(result):
    names = {number: name for name, number in vars(wire.OutcomeKind).items() if isinstance(number, int)}
    kind = names.get(result.Kind(), result.Kind())
    return f"{kind} {result.RttNs() / 1e6:.3f} ms" if kind == "Reply" else kind


def _run_ping(session, arguments):
    replies = 0
    for result in session.echo(arguments.address, timeout=arguments.timeout):
        replies += result.Kind() == wire.OutcomeKind.Reply
        print(f"{arguments.address[result.Token()]}: {_outcome_text(result)}", flush=True)
    return 0 if replies == len(arguments.address) else 1


def _run_watch(session, _):
    kinds = wire.ObjectKinds.Interface | wire.ObjectKinds.Address | wire.ObjectKinds.Route
    session.register(watches=[(kinds, wire.WatchMode.Level)])
    table = NetworkTable()
    for name, body in session.events():
        if name == "Changes":
            table.take(body)
            if table.complete:
                counts = collections.Counter(key[0] for key in table.objects)
                print(", ".join(f"{counts[kind]} {kind}" for kind in ("interface", "address", "route")), flush=True)


def _run_outcomes(session, arguments):
    session.register(outcomes=[(arguments.group, "")])
    for name, body in session.events():
        if name != "Outcomes":
            continue
        if body.Missed():
            print(f"missed {body.Missed()}", flush=True)
        for outcome in map(body.Outcomes, range(body.OutcomesLength())):
            print(f"{outcome.Target().decode()}: {_outcome_text(outcome)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Talks to the sounder daemon of this machine.")
    parser.add_argument("--socket", default="/run/sounder/broker.sock")
    commands = parser.add_subparsers(required=True)
    ping = commands.add_parser("ping", help="one echo request to each address")
    ping.add_argument("--timeout", type=float, default=2.0, help="seconds")
    ping.add_argument("address", nargs="+")
    ping.set_defaults(run=_run_ping)
    commands.add_parser("watch", help="how many network objects there are").set_defaults(run=_run_watch)
    outcomes = commands.add_parser("outcomes", help="what becomes of the daemon's own probes")
    outcomes.add_argument("group", nargs="?", default="")
    outcomes.set_defaults(run=_run_outcomes)
    arguments = parser.parse_args()
    try:
        with Session(arguments.socket) as session:
            return arguments.run(session, arguments)
    except (OSError, Refused, Closed, ProtocolError) as error:
        print(f"sounder_client: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
