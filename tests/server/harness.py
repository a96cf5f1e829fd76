"""wbemd on ports of its own, with a file of users, and impacket as its client.

Exits with 77 when there is no impacket.
"""
import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile

try:
    from impacket import ntlm
    from impacket.dcerpc.v5 import dcomrt, transport
    from impacket.dcerpc.v5.dcom import wmi
    from impacket.dcerpc.v5.dtypes import NULL
except ImportError:
    sys.exit(77)

HOST = "127.0.0.1"
INFINITE = 0xFFFFFFFF
USER, PASSWORD = "monitor", "of all of them"


def own_network(hosts):
    """Runs the program anew where all ports are free, the well-known ones too, and the loopback has
    these names. Exits with 77 where that is not allowed."""
    if "WBEM_TEST_NETWORK" not in os.environ:
        new = ["unshare", "--net", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
        if shutil.which("unshare") is None or subprocess.run([*new, "true"]).returncode:
            sys.exit(77)
        os.execvpe(new[0], [*new, sys.executable, *sys.argv],
                   {**os.environ, "WBEM_TEST_NETWORK": "own"})
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.NamedTemporaryFile("w") as f:
        f.write("127.0.0.1 localhost %s\n" % " ".join(hosts))
        f.flush()
        subprocess.run(["mount", "--bind", f.name, "/etc/hosts"], check=True)


def point_at(port):
    """impacket knows port 135 only."""
    class Factory:
        @staticmethod
        def DCERPCTransportFactory(binding):
            if binding == "ncacn_ip_tcp:" + HOST:
                binding += "[%s]" % port
            return transport.DCERPCTransportFactory(binding)

    dcomrt.transport = Factory


class Server:
    """Serves a repository in memory unless told another place; stops with the block, and then has to
    have ended well: a leak or a race that a sanitizer saw is a failure."""

    def __init__(self, program, *options, users=((USER, "", PASSWORD),), place=":memory:", port=0):
        self.folder = tempfile.mkdtemp()
        self.errors = ""
        password_file = os.path.join(self.folder, "passwd")
        with open(os.open(password_file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            for user, domain, password in users:
                f.write("%s:%s:%s\n" % (user, domain, ntlm.compute_nthash(password).hex()))
        self.process = subprocess.Popen(
            [program, "--listen", HOST, "--port", str(port), "--password-file", password_file,
             "--repository", place, *options],
            stderr=subprocess.PIPE, text=True)
        self.port = None
        for line in self.process.stderr:
            self.errors += line
            if "ready on port" in line:
                self.port = line.split("port ")[1].split(",")[0]
                break
        if not self.port:
            self.process.wait()
            raise AssertionError("wbemd did not start: " + self.errors)

    def __enter__(self):
        point_at(self.port)
        return self

    def __exit__(self, kind, value, trace):
        self.process.terminate()
        self.errors += self.process.communicate()[1]
        shutil.rmtree(self.folder)
        if kind or self.process.returncode:
            sys.stderr.write(self.errors)
        if not kind and self.process.returncode:
            raise AssertionError("wbemd ended with %d" % self.process.returncode)


class Session:
    """A connection to a namespace."""

    def __init__(self, user=USER, password=PASSWORD, domain="", namespace="//./root/cimv2",
                 hashes=("", ""), host=HOST, **options):
        # Each of its threads has one connection for a host, of the identity it began with.
        dcomrt.INTERFACE.CONNECTIONS.clear()
        self.connection = dcomrt.DCOMConnection(host, user, password, domain, *hashes, None,
                                                oxidResolver=False, **options)
        try:
            login = wmi.IWbemLevel1Login(self.connection.CoCreateInstanceEx(
                wmi.CLSID_WbemLevel1Login, wmi.IID_IWbemLevel1Login))
            self.services = login.NTLMLogin(namespace, NULL, NULL)
            login.RemRelease()
        except BaseException:
            self.connection.get_dce_rpc().disconnect()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.disconnect()

    def query(self, text):
        return list(objects(self.services.ExecQuery(text)))


def objects(enumerator):
    """All that is left of it, one Next each."""
    while True:
        try:
            batch = enumerator.Next(INFINITE, 1)
        except wmi.DCERPCSessionError as e:
            if e.get_error_code() != wmi.WBEMSTATUS.enumItems.WBEM_S_FALSE.value:
                raise
            break
        yield from batch
    enumerator.RemRelease()


def enumerator(owner, call):
    """What a call gives that returns an enumerator. Where impacket only prints the answer and gives
    it as it came, as one of its own."""
    with contextlib.redirect_stdout(io.StringIO()):
        answer = call()
    if isinstance(answer, wmi.IEnumWbemClassObject):
        return answer
    return wmi.IEnumWbemClassObject(dcomrt.INTERFACE(
        owner.get_cinstance(), b"".join(answer["ppEnum"]["abData"]), owner.get_ipidRemUnknown(),
        target=owner.get_target()))


def values(o):
    """Names and values, without what the system adds."""
    return {name: p["value"] for name, p in o.getProperties().items()}


def fails(code, call):
    """The call has to fail with this HRESULT, or where impacket tells no number with this text."""
    try:
        call()
    except Exception as e:  # each layer of impacket has its own
        got = e.get_error_code() if hasattr(e, "get_error_code") else None
        if code == str(e) or (got is not None and got & 0xFFFFFFFF == code):
            return e
        raise AssertionError("expected %s, got %s" % (code, e)) from e
    raise AssertionError("did not fail with %s" % code)
