#!/usr/bin/python3
"""Clients that vanish, read nothing, say half of something; many at once; a server that is killed.
Arguments: wbemd, and how many clients at once (500)."""
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time

from daemon import PASSWORD, PROGRAM, USER, Daemon, done, expect, path, write

from harness import HOST, INFINITE, Session, ntlm, point_at, values, wmi

CLIENTS = int(sys.argv[2]) if len(sys.argv) > 2 else 500
BIND = bytes.fromhex(  # of IObjectExporter, not authenticated
    "05000b03100000004800000001000000b810b81000000000010000000000010"
    "0c4fefc9960521b10bbcb00aa0021347a00000000045d888aeb1cc9119fe808002b10486002000000")
ALIVE = bytes.fromhex("050000031000000018000000020000000000000000000300")

users = write("passwd", "%s::%s\n" % (USER, ntlm.compute_nthash(PASSWORD).hex()))
mof = write("things.mof", "class Test_Big { [key] uint32 Id; string Text; };\n" + "".join(
    'instance of Test_Big { Id = %d; Text = "%s"; };\n' % (i, "x" * 50000) for i in range(400)))


def serve(*arguments, **options):
    daemon = Daemon("--listen", HOST, "--port", "0", "--mof", mof, "--password-file", users,
                    "--log-level", "debug", *arguments, **options)
    point_at(daemon.port)
    return daemon


def until(condition):
    while not condition():
        time.sleep(0.02)


def receive(s, size):
    got = b""
    while len(got) < size:
        part = s.recv(size - len(got))
        expect(part, "the connection has ended")
        got += part
    return got


def answer(s):
    head = receive(s, 16)
    return head + receive(s, struct.unpack("<H", head[8:10])[0] - 16)


def works():
    with Session() as session:
        got = session.query("SELECT Id FROM Test_Big WHERE Id < 3")
        expect(sorted(values(o)["Id"] for o in got) == [0, 1, 2])


def memory(daemon):
    with open("/proc/%d/status" % daemon.process.pid) as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])


# ---- many clients, each bound and calling
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
wanted = CLIENTS + 200
if hard != resource.RLIM_INFINITY and hard < wanted:
    CLIENTS = hard - 200
resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard) if hard > 0 else wanted, hard))
most = str(CLIENTS + 100)
with serve("--max-connections", most, "--max-connections-per-address", most,
           "--max-unauthenticated", most, "--handshake-timeout", "600") as daemon:
    before = memory(daemon)
    clients = []
    started = time.monotonic()
    for _ in range(CLIENTS):
        s = socket.create_connection((HOST, daemon.port))
        s.settimeout(60)
        s.sendall(BIND)
        clients.append(s)
    for s in clients:
        expect(answer(s)[2] == 12, "bind_ack")
    for _ in range(2):
        for s in clients:
            s.sendall(ALIVE)
        for s in clients:
            expect(answer(s)[2] == 2, "response")
    took = time.monotonic() - started
    grown = memory(daemon) - before
    print("%d clients: bound and twice answered in %.1f s, %.1f KiB of memory each"
          % (CLIENTS, took, grown / CLIENTS))
    works()
    for s in clients:
        s.close()
    works()

# ---- half of a request, half of a header, and nothing at all
with serve("--stall-timeout", "1", "--handshake-timeout", "1") as daemon:
    there = []
    for part in (BIND[:7], BIND[:40], BIND + ALIVE[:20], b""):
        s = socket.create_connection((HOST, daemon.port))
        s.settimeout(60)
        s.sendall(part)
        there.append((s, part))
    works()
    for s, part in there:
        if len(part) > len(BIND):
            answer(s)
        expect(s.recv(1) == b"", part)
    # A client whose half is shut, as a half-open TCP is, and one that is reset.
    s = socket.create_connection((HOST, daemon.port))
    s.sendall(BIND)
    s.shutdown(socket.SHUT_WR)
    s = socket.create_connection((HOST, daemon.port))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.sendall(BIND + ALIVE[:20])
    s.close()
    works()


def begin_next(session, text, count):
    """A Next that is sent, and its answer left where it is."""
    enumerator = session.services.ExecQuery(text)
    request = wmi.IEnumWbemClassObject_Next()
    request["lTimeout"], request["uCount"] = INFINITE, count
    request["ORPCthis"] = enumerator.get_cinstance().get_ORPCthis()
    request["ORPCthis"]["flags"] = 0
    enumerator.connect(enumerator._iid)
    enumerator.get_dce_rpc().call(request.opnum, request, enumerator.get_iPid())
    return enumerator


# ---- slow readers: others are served, and they are dropped
with serve("--stall-timeout", "2") as daemon:
    slow = Session()
    enumerator = begin_next(slow, "SELECT * FROM Test_Big", 400)
    kept = enumerator.get_dce_rpc()  # another session forgets it, and would close it
    works()
    until(lambda: "has ended: RPC_E_TIMEOUT" in daemon.errors()
          or "has ended: ERROR" in daemon.errors())
    works()

# ---- a client that is killed in the middle: its objects go when its pings are missed
CLIENT = """
import sys
sys.argv = sys.argv[1:]
sys.path[:0] = %r
from daemon import *
from harness import *
point_at(int(sys.argv[1]))
session = Session()
there = [session.services.ExecQuery("SELECT Id FROM Test_Big") for _ in range(20)]
print("ready", flush=True)
sys.stdin.read()
"""
with serve("--ping-period", "4", "--max-enumerators-per-user", "20") as daemon:
    here = os.path.dirname(os.path.abspath(__file__))
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT % [here, os.path.join(here, "..", "server")], PROGRAM,
         str(daemon.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    expect(client.stdout.readline() == "ready\n")
    client.kill()
    client.communicate()

    def may_again():
        try:
            works()
            return True
        except Exception as e:  # each layer of impacket has its own
            expect("QUOTA" in str(e), str(e))
            time.sleep(0.5)
            return False
    expect(not may_again(), "the objects were gone at once")
    until(may_again)

# ---- the server is killed while a client enumerates: the client hears of it
place = path("repository")
with serve("--repository", place, "--group", "%s Administrators" % USER,
           status=-signal.SIGKILL) as daemon:
    session = Session()
    enumerator = session.services.ExecQuery("SELECT * FROM Test_Big")
    enumerator.Next(INFINITE, 1)
    daemon.process.kill()
    daemon.wait()
    connection = enumerator.get_dce_rpc().get_rpc_transport().get_socket()
    connection.settimeout(60)
    expect(connection.recv(1) == b"")
# What it served is whole.
with serve("--repository", place, "--group", "%s Administrators" % USER) as daemon:
    works()
done()
