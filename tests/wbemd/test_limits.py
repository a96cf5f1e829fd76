#!/usr/bin/python3
"""The limits of each user and in all, and what who goes beyond them is told. Argument: wbemd."""
import signal
import socket
import threading
import time

from daemon import PASSWORD, USER, Daemon, done, expect, path, write

from harness import HOST, INFINITE, Session, fails, ntlm, point_at, transport, wmi
from impacket.dcerpc.v5 import dcomrt
from impacket.dcerpc.v5.rpcrt import RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, DCERPCException

WBEM_E_QUOTA_VIOLATION = 0x8004106C
WBEM_S_TIMEDOUT = 0x40004
RPC_E_DISCONNECTED = 0x80010108
BUSY = "nca_s_server_too_busy"

THINGS = 500  # impacket reads some hundreds in a second
HASH = ntlm.compute_nthash(PASSWORD).hex()
users = write("passwd", "".join("%s::%s\n" % (u, HASH) for u in (USER, "other", "third")))
mof = write("things.mof", "class Test_Thing { [key] uint32 Id; };\n" + "".join(
    "instance of Test_Thing { Id = %d; };\n" % i for i in range(THINGS)))


def serve(*arguments):
    daemon = Daemon("--listen", HOST, "--port", "0", "--mof", mof, "--password-file", users,
                    *arguments)
    point_at(daemon.port)
    return daemon


def until(condition):
    while not condition():
        time.sleep(0.02)


def connect(daemon, user=USER, domain=""):
    """An authenticated connection, of which the first call is answered or refused."""
    t = transport.DCERPCTransportFactory("ncacn_ip_tcp:%s[%d]" % (HOST, daemon.port))
    t.set_credentials(user, PASSWORD, domain)
    dce = t.get_dce_rpc()
    dce.set_auth_level(RPC_C_AUTHN_LEVEL_PKT_INTEGRITY)
    dce.connect()
    dce.bind(dcomrt.IID_IObjectExporter)
    try:
        dcomrt.IObjectExporter(dce).ServerAlive()
    except DCERPCException:
        dce.disconnect()
        raise
    return dce


def refused(text, call):
    try:
        call()
    except Exception as e:  # each layer of impacket has its own
        expect(text in str(e), text, str(e))
        return
    raise AssertionError("was not refused")


# ---- connections of one user, whatever domain the client claims; others have their own
with serve("--max-connections-per-user", "3") as daemon:
    there = [connect(daemon, USER, domain) for domain in ("", "A", "B")]
    refused(BUSY, lambda: connect(daemon, USER.upper(), "C"))
    expect("max-connections-per-user" in daemon.errors())
    there.append(connect(daemon, "other"))
    there.pop(0).disconnect()

    def again():
        try:
            there.append(connect(daemon))
            return True
        except DCERPCException:
            return False
    until(again)
    # The limit can be changed while we run.
    for dce in there:
        dce.disconnect()

# ---- connections in all, of an address, and of nobody yet
for option in ("--max-connections", "--max-connections-per-address", "--max-unauthenticated"):
    with serve(option, "2") as daemon:
        there = [socket.create_connection((HOST, daemon.port)) for _ in range(2)]
        third = socket.create_connection((HOST, daemon.port))
        # Of those who have not said who they are the oldest makes room; the others stay.
        dropped = there[0] if option == "--max-unauthenticated" else third
        dropped.settimeout(30)
        expect(dropped.recv(1) == b"", option)
        for s in there:
            s.close()

# ---- a connection that does not say who it is
with serve("--handshake-timeout", "1") as daemon:
    silent = socket.create_connection((HOST, daemon.port))
    silent.settimeout(30)
    expect(silent.recv(1) == b"")


# ---- calls at once: one waits for events, which is all that this user may do, or everybody
def waits(session):
    enumerator = session.services.ExecNotificationQuery(
        "SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA 'Test_Thing'", 0x30)
    ended = threading.Event()

    def wait():
        try:
            enumerator.Next(INFINITE, 1)
        except Exception:  # the server's end
            pass
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    return ended


for option in ("--max-calls-per-user", "--max-calls"):
    with serve(option, "1", "--log-level", "debug") as daemon:
        session = Session()
        ended = waits(session)
        until(lambda: "calls method 4 of 027947e1" in daemon.errors())
        second = connect(daemon)
        # Not of the kind that only keeps alive or gives back.
        second = second.alter_ctx(dcomrt.IID_IRemoteSCMActivator)
        refused(BUSY, lambda: (second.call(4, b"\0" * 64), second.recv()))
        expect("(%s)" % option[2:] in daemon.errors(), daemon.errors())
        daemon.signal(signal.SIGTERM)
        expect(ended.wait(30))

# ---- enumerators
with serve("--max-enumerators-per-user", "3") as daemon:
    with Session() as session:
        query = "SELECT * FROM Test_Thing"
        there = [session.services.ExecQuery(query) for _ in range(3)]
        fails(WBEM_E_QUOTA_VIOLATION, lambda: session.services.ExecQuery(query))
        fails(WBEM_E_QUOTA_VIOLATION, there[0].Clone)
        there.pop().RemRelease()
        there.append(session.services.ExecQuery(query))
        expect(len(there[0].Next(INFINITE, 10)) == 10)

# ---- objects that are kept; who reads forward only keeps none
def count(enumerator):
    got = 0
    try:
        while True:
            got += len(enumerator.Next(INFINITE, 100))
    except wmi.DCERPCSessionError as e:
        # impacket makes an exception of the last, incomplete batch.
        if e.get_error_code() != wmi.WBEMSTATUS.enumItems.WBEM_S_FALSE.value:
            raise
    finally:
        enumerator.RemRelease()
    return got


with serve("--max-results-per-user", "400") as daemon:
    with Session() as session:
        fails(WBEM_E_QUOTA_VIOLATION, lambda: session.services.ExecQuery(query, 0))
        fails(WBEM_E_QUOTA_VIOLATION, lambda: count(session.services.ExecQuery(query, 0x10)))
        expect(count(session.services.ExecQuery(query, 0x30)) >= THINGS - 100)
        # What was kept is given back.
        small = query + " WHERE Id < 300"
        for _ in range(2):
            expect(count(session.services.ExecQuery(small, 0x10)) == 300)

# ---- and their bytes
with serve("--max-result-memory-per-user", "64") as daemon:
    with Session() as session:
        fails(WBEM_E_QUOTA_VIOLATION, lambda: count(session.services.ExecQuery(query, 0x10)))
        expect(count(session.services.ExecQuery(query, 0x30)) >= THINGS - 100)
        small = query + " WHERE Id < 100"
        for _ in range(3):
            expect(count(session.services.ExecQuery(small, 0x10)) == 100)

# ---- objects that a client refers to
with serve("--max-objects-per-user", "5") as daemon:
    with Session() as session:
        there = []

        def many():
            for _ in range(6):
                there.append(session.services.ExecQuery(query))
        fails(WBEM_E_QUOTA_VIOLATION, many)
        expect(len(there) >= 3, len(there))

# ---- bytes of requests and replies, on all connections of a user
with serve("--max-pending-per-user", "64") as daemon:
    with Session() as session:
        there = [connect(daemon).alter_ctx(dcomrt.IID_IRemoteSCMActivator) for _ in range(2)]
        refused("nca_s_fault_remote_no_memory",
                lambda: (there[0].call(4, b"\0" * 100000), there[0].recv()))
        expect("max-pending-per-user" in daemon.errors(), daemon.errors())
        # Refused is given back; others are served all the same.
        expect(len(session.query(query + " WHERE Id < 5")) == 5)
        there[1].call(4, b"\0" * 30000)
        there[1].recv()
        expect(daemon.errors().count("max-pending-per-user") == 1)

# ---- enumerators that nobody calls, and calls that wait for long
with serve("--enumerator-idle", "1", "--call-time", "1") as daemon:
    with Session() as session:
        idle = session.services.ExecQuery(query)
        events = session.services.ExecNotificationQuery(
            "SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA 'Test_Thing'", 0x30)
        fails(WBEM_S_TIMEDOUT, lambda: events.Next(INFINITE, 1))
        fails(WBEM_S_TIMEDOUT, lambda: events.Skip(INFINITE, 1))
        until(lambda: "were idle for 1 s" in daemon.errors())
        refused("", lambda: idle.Next(INFINITE, 1))
        expect(len(session.query(query + " WHERE Id < 5")) == 5)

# ---- a connection without calls
with serve("--connection-idle", "1") as daemon:
    dce = connect(daemon)
    dce.get_rpc_transport().get_socket().settimeout(30)
    expect(dce.get_rpc_transport().get_socket().recv(1) == b"")
done()
