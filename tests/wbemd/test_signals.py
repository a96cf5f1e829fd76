#!/usr/bin/python3
"""Reload, the graceful end and the hard one, and what a service manager hears. Argument: wbemd."""
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from daemon import PASSWORD, PROGRAM, USER, Daemon, done, expect, path, write

from harness import Session, wmi, HOST, INFINITE, ntlm, point_at, values

HASH = ntlm.compute_nthash(PASSWORD).hex()
# IEnumWbemClassObject::Next in the log.
NEXT = "calls method 4 of 027947e1"
EVENTS = "SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA 'Test_Thing'"


def until(condition):
    while not condition():
        time.sleep(0.02)


def thing(value):
    return "class Test_Thing { [key] string Id; };\ninstance of Test_Thing { Id = \"%s\"; };\n" % value


def things(session):
    return sorted(values(o)["Id"] for o in session.query("SELECT * FROM Test_Thing"))


mof = write("things.mof", thing("first"))
passwd = write("passwd", "%s::%s\n" % (USER, HASH))


def settings(text=""):
    return write("wbemd.conf", "listen = 127.0.0.1\nport = 0\nmof = %s\npassword-file = %s\n%s"
                 % (mof, passwd, text))


def waiting_call(daemon, session):
    """A Next that waits for an event; its end is in the list. The daemon logs at level debug, so that
    we see that the call is there."""
    enumerator = session.services.ExecNotificationQuery(EVENTS, 0x30)
    ended = []

    def wait():
        try:
            ended.append(enumerator.Next(INFINITE, 1))
        except Exception as e:  # each layer of impacket has its own
            ended.append(e)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    until(lambda: NEXT in daemon.errors())
    return thread, ended


# ---- SIGHUP
conf = settings()
with Daemon("--config", conf, "--log-level", "debug") as daemon:
    point_at(daemon.port)
    session = Session()
    got = things(session)
    expect(got == ["first"], got)
    thread, ended = waiting_call(daemon, session)
    # A mistake in any of it leaves everything as it was.
    settings("port = nine\n")
    daemon.signal(signal.SIGHUP)
    until(lambda: "nothing is reloaded" in daemon.errors())
    expect("wbemd.conf:5: port" in daemon.errors(), daemon.errors())
    write("things.mof", thing("second") + "class { };\n")
    settings()
    daemon.signal(signal.SIGHUP)
    until(lambda: "things.mof:3:" in daemon.errors())
    write("things.mof", thing("second"))
    write("passwd", "%s::%s\nnewcomer::%s\n" % (USER, HASH, HASH))
    settings("max-enumerators-per-user = 7\nlevel = privacy\n")
    daemon.signal(signal.SIGHUP)
    until(lambda: "wbemd: reloaded\n" in daemon.errors())
    expect("level is changed by a restart only" in daemon.errors(), daemon.errors())
    # The call that waits has seen it all, and gets the new instance's event.
    thread.join(30)
    expect(len(ended) == 1 and len(ended[0]) == 1, ended)
    with Session(user="newcomer") as session:
        got = things(session)
        expect(got == ["first", "second"], got)

# ---- SIGTERM: what waits ends, and the process well
conf = settings()
with Daemon("--config", conf, "--log-level", "debug") as daemon:
    point_at(daemon.port)
    thread, ended = waiting_call(daemon, Session())
    daemon.signal(signal.SIGTERM)
    expect(daemon.wait() == 0, daemon.process.returncode, daemon.errors())
    thread.join(30)
    expect(not thread.is_alive() and ended, ended)
expect("wbemd: stopping\n" in daemon.errors())

# ---- an answer that nobody takes: cut off after stop-timeout, or at once when told again
big = write("big.mof", "class Test_Big { [key] uint32 Id; string Text; };\n" + "".join(
    'instance of Test_Big { Id = %d; Text = "%s"; };\n' % (i, "x" * 50000) for i in range(400)))
for again in (False, True):
    with Daemon("--config", conf, "--mof", big, "--stop-timeout", "600" if again else "1",
                "--stall-timeout", "600") as daemon:
        point_at(daemon.port)
        session = Session()
        enumerator = session.services.ExecQuery("SELECT * FROM Test_Big")
        request = wmi.IEnumWbemClassObject_Next()
        request["lTimeout"], request["uCount"] = INFINITE, 400
        request["ORPCthis"] = enumerator.get_cinstance().get_ORPCthis()
        request["ORPCthis"]["flags"] = 0
        enumerator.connect(enumerator._iid)
        enumerator.get_dce_rpc().call(request.opnum, request, enumerator.get_iPid())
        time.sleep(0.5)  # for the answer to fill what is between
        daemon.signal(signal.SIGTERM)
        until(lambda: "stopping" in daemon.errors())
        if again:
            daemon.signal(signal.SIGTERM)
        expect(daemon.wait() == 0, daemon.process.returncode, daemon.errors())
        expect(("at once" if again else "cut off") in daemon.errors(), daemon.errors())

# ---- SIGINT is the same
with Daemon("--config", conf) as daemon:
    daemon.signal(signal.SIGINT)
    expect(daemon.wait() == 0, daemon.process.returncode, daemon.errors())

# ---- the service manager
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(path("notify"))
manager.settimeout(30)


def hear(what):
    while True:
        got = manager.recv(4096).decode()
        if what in got:
            return got


environment = {"NOTIFY_SOCKET": path("notify"), "WATCHDOG_USEC": "400000"}
with Daemon("--config", conf, environment=environment) as daemon:
    hear("READY=1")
    hear("WATCHDOG=1")
    daemon.signal(signal.SIGHUP)
    expect("MONOTONIC_USEC=" in hear("RELOADING=1"))
    hear("READY=1")
    daemon.signal(signal.SIGTERM)
    hear("STOPPING=1")

# ---- its sockets
with socket.socket() as listener, socket.socket() as second:
    for s in (listener, second):
        s.bind((HOST, 0))
        s.listen()
    # Descriptors 3 and 4 of a process whose number is LISTEN_PID.
    starter = ("import os, sys\nos.dup2(%d, 3)\nos.dup2(%d, 4)\n"
               "os.environ.update(LISTEN_FDS='2', LISTEN_FDNAMES='resolver:objects',"
               " LISTEN_PID=str(os.getpid()))\nos.execv(sys.argv[1], sys.argv[1:])\n")
    high = [os.dup2(s.fileno(), n) for s, n in ((listener, 100), (second, 101))]
    for fd in high:
        os.set_inheritable(fd, True)
    process = subprocess.Popen(
        [sys.executable, "-c", starter % tuple(high), PROGRAM, "--config", conf, "--port-file",
         path("port")], pass_fds=high, stderr=subprocess.PIPE, text=True)
    until(lambda: os.path.exists(path("port")) or process.poll() is not None)
    expect(process.poll() is None, process.stderr.read() if process.poll() is not None else "")
    with open(path("port")) as f:
        expect(int(f.read()) == listener.getsockname()[1])
    point_at(listener.getsockname()[1])
    with Session() as session:
        expect("second" in things(session))
    process.terminate()
    errors = process.communicate(timeout=30)[1]
    expect(process.returncode == 0, errors)
    expect("objects on port %d" % second.getsockname()[1] in errors, errors)

# ---- lines for the journal carry their level
with open(path("journal"), "w") as journal:
    stat = os.fstat(journal.fileno())
    process = subprocess.Popen(
        [PROGRAM, "--config", conf, "--port-file", path("port2")], stderr=journal,
        env={**os.environ, "JOURNAL_STREAM": "%d:%d" % (stat.st_dev, stat.st_ino)})
    until(lambda: os.path.exists(path("port2")))
    process.terminate()
    expect(process.wait(30) == 0)
with open(path("journal")) as f:
    expect(f.read().startswith("<6>"))
done()
