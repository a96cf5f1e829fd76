#!/usr/bin/python3
"""What keeps wbemd from starting, and what it says. Argument: wbemd."""
import os
import resource
import shutil
import signal
import socket
import subprocess

from daemon import NT_HASH, PROGRAM, Daemon, done, expect, path, run, write

passwd = write("passwd", "jane::%s\n" % NT_HASH)
ROOT = os.geteuid() == 0
NOBODY = 65534


def fails(*said, arguments=(), users=passwd, **options):
    got, out, errors = run("--listen", "127.0.0.1", "--port", "0", "--repository", ":memory:",
                           "--password-file", users, *arguments, **options)
    expect(got == 1, got, errors)
    for what in said:
        expect(what in errors, what, errors)
    expect(NT_HASH not in errors)


# The port.
with socket.socket() as taken:
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = taken.getsockname()[1]
    fails("cannot listen on 127.0.0.1, port %d: address already in use" % port,
          "another program listens on port %d" % port, arguments=["--port", str(port)])
fails("cannot listen on 192.0.2.1", arguments=["--listen", "192.0.2.1"])
try:
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as f:
        privileged = int(f.read()) > 135
except OSError:
    privileged = False
if ROOT and privileged:
    own = write("own", "jane::%s\n" % NT_HASH)
    os.chown(own, NOBODY, NOBODY)
    os.chmod(os.path.dirname(own), 0o755)
    program = shutil.copy(PROGRAM, path("wbemd"))  # the build may be where root alone gets
    fails("cannot listen on 127.0.0.1, port 135: permission denied", "CAP_NET_BIND_SERVICE",
          "above 1023", users=own, arguments=["--port", "135"], program=program, user=NOBODY,
          group=NOBODY, extra_groups=[])

# The password file.
fails("No such file", users=path("missing"))
fails("chmod 600", users=write("open", "jane::%s\n" % NT_HASH, 0o644))
fails(":2: a line is user:domain:nt-hash", users=write("lines", "# users\njane\n"))
fails(":1: the hash is not 32 hexadecimal digits", users=write("hash", "jane::abc\n"))
fails("is not a file of passwords", users=os.path.dirname(passwd))

# The keytab.
fails("the keytab", "No such file", arguments=["--keytab", path("missing")])
fails("the keytab", "is none", arguments=["--keytab", write("keytab", "not a keytab")])

# Users of this run need a password, which is in no option.
fails("WBEMD_PASSWORD", arguments=["--user", "joe"])
fails("WBEMD_PASSWORD", arguments=["--user", "joe", "--user-password-file", path("missing")])

# The repository.
place = path("repository")
with Daemon("--listen", "127.0.0.1", "--port", "0", "--password-file", passwd,
            "--repository", place):
    fails("is in use by another wbemd", arguments=["--repository", place])
fails("ot a directory", arguments=["--repository", os.path.join(passwd, "below")])
with open(os.path.join(place, "data.mdb"), "r+b") as f:
    f.write(b"\xff" * 16384)
fails("the repository %s" % place, arguments=["--repository", place])


def little_room():
    """Writing more than this is an error, as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


fails("the repository %s" % path("full"), arguments=["--repository", path("full")],
      preexec_fn=little_room)
mounted = subprocess.run(["unshare", "--mount", "sh", "-c", """
    mkdir -p "$1" && mount -t tmpfs -o size=64k none "$1" || exit 77
    dd if=/dev/zero of="$1/filler" bs=1024 2>/dev/null
    exec "$2" --listen 127.0.0.1 --port 0 --repository "$1" --password-file "$3" """,
    "sh", path("disk"), PROGRAM, passwd], capture_output=True, text=True, timeout=60)
expect(mounted.returncode in (1, 77), mounted)
if mounted.returncode == 1 and "unshare" not in mounted.stderr:
    expect("No space left on device" in mounted.stderr, mounted.stderr)

# Where to write the port.
fails("port: No such file", arguments=["--port-file", path("nowhere/port")])
fails("--ready-fd 99: Bad file descriptor", arguments=["--ready-fd", "99"])
done()
