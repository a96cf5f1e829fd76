#!/usr/bin/python3
"""impacket changes what there is: instances put and deleted, methods called, enumerators moved about,
events waited for. Argument: wbemd.
"""
import contextlib
import getpass
import io
import os
import signal
import sys
import time

from harness import Server, Session, INFINITE, enumerator, fails, objects, values, wmi, NULL

HERE = os.path.dirname(os.path.abspath(__file__))
ME = getpass.getuser()  # methods of the machine are for the server's own user
WBEM_E_NOT_FOUND = 0x80041002
WBEM_E_INVALID_PARAMETER = 0x80041008
WBEM_E_INVALID_OPERATION = 0x80041016
WBEM_S_FALSE = 1
WBEM_S_TIMEDOUT = 0x40004
FORWARD_ONLY = wmi.WBEM_GENERIC_FLAG_TYPE.enumItems.WBEM_FLAG_FORWARD_ONLY.value
RETURN_IMMEDIATELY = wmi.WBEM_GENERIC_FLAG_TYPE.enumItems.WBEM_FLAG_RETURN_IMMEDIATELY.value


def numbers(session):
    return sorted(values(o)["Number"] for o in session.query("SELECT * FROM Test_Item"))


def store(session, item):
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it puts
        result = session.services.PutInstance(item.marshalMe())
    assert result.GetCallStatus(0) == 0


def put(session, number, label):
    """As wmipersist.py does it."""
    item = session.services.GetObject("Test_Item")[0].SpawnInstance()
    item.Number, item.Label, item.Sizes = number, label, [number, 65535]
    store(session, item)


def instances(session):
    services = session.services
    put(session, 40, "put")
    assert numbers(session) == [1, 2, 3, 40]
    found = values(services.GetObject("Test_Item.Number=40")[0])
    assert found == {"Number": 40, "Label": "put", "Sizes": [40, 65535], "Good": "False"}, found
    put(session, 40, "put again")
    assert values(services.GetObject("Test_Item.Number=40")[0])["Label"] == "put again"
    assert services.DeleteInstance("Test_Item.Number=40").GetCallStatus(0) == 0
    fails(WBEM_E_NOT_FOUND, lambda: services.GetObject("Test_Item.Number=40"))
    fails(WBEM_E_NOT_FOUND, lambda: services.DeleteInstance("Test_Item.Number=40"))


def namespaces(session):
    space = session.services.GetObject("__Namespace")[0].SpawnInstance()
    space.Name = "Below"
    store(session, space)
    assert "Below" in [values(o)["Name"] for o in session.query("SELECT * FROM __NAMESPACE")]


def namespace_below(session):
    assert session.query("SELECT * FROM __NAMESPACE") == []


def skipped(e, count):
    """impacket prints what Skip returned, and takes what is not S_OK for an error."""
    enumerator(e, lambda: e.Skip(INFINITE, count) and e)


def enumerators(session):
    services = session.services
    e = services.ExecQuery("SELECT * FROM Test_Item")
    first = values(e.Next(INFINITE, 1)[0])["Number"]
    copy = enumerator(e, lambda: e.Clone())
    rest = [values(o)["Number"] for o in objects(e)]
    assert rest == [values(o)["Number"] for o in objects(copy)]
    assert sorted([first] + rest) == [1, 2, 3]

    e = services.ExecQuery("SELECT * FROM Test_Item")
    three = [values(o)["Number"] for o in e.Next(INFINITE, 3)]
    fails(WBEM_S_FALSE, lambda: e.Next(INFINITE, 1))
    enumerator(e, lambda: e.Reset() and e)
    skipped(e, 2)
    assert [values(o)["Number"] for o in e.Next(INFINITE, 1)] == three[2:]
    enumerator(e, lambda: e.Reset() and e)
    fails(WBEM_S_FALSE, lambda: skipped(e, 4))
    fails(WBEM_S_FALSE, lambda: e.Next(INFINITE, 0))
    fails(WBEM_E_INVALID_PARAMETER, lambda: e.Next(0xFFFFFFFE, 1))

    e = services.ExecQuery("SELECT * FROM Test_Item", FORWARD_ONLY | RETURN_IMMEDIATELY)
    e.Next(INFINITE, 1)
    fails(WBEM_E_INVALID_OPERATION, lambda: e.Reset())
    fails(WBEM_E_INVALID_OPERATION, lambda: e.Clone())


def gone(pid):
    for _ in range(1000):
        try:
            with open("/proc/%d/stat" % pid) as f:
                if f.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False


def methods(session):
    """As wmiexec.py does it."""
    process, _ = session.services.GetObject("Win32_Process")
    made = process.Create("/bin/sleep 1000", "/", None).getProperties()
    assert made["ReturnValue"]["value"] == 0, made
    pid = made["ProcessId"]["value"]
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as f:
            assert f.read().endswith(b"sleep\0001000\0")
        one, _ = session.services.GetObject('Win32_Process.Handle="%d"' % pid)
        owner = one.GetOwner().getProperties()
        assert owner["User"]["value"] == ME
        ended = one.Terminate(0).getProperties()
        assert ended["ReturnValue"]["value"] == 0
        assert gone(pid)
        pid = 0
    finally:
        if pid:
            os.kill(pid, signal.SIGKILL)


def events(session):
    notification = "SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA 'Test_Item'"
    e = session.services.ExecNotificationQuery(notification, FORWARD_ONLY | RETURN_IMMEDIATELY)
    fails(WBEM_S_TIMEDOUT, lambda: e.Next(0, 1))
    put(session, 50, "made")
    event = e.Next(INFINITE, 1)[0]
    assert event.getClassName() == "__InstanceCreationEvent"
    target = event.TargetInstance["ObjectBlock"]  # of an inherited property it gives the bytes
    target.parseObject()
    assert target.ctCurrent["properties"]["Label"]["value"] == "made"
    fails(WBEM_S_TIMEDOUT, lambda: e.Next(10, 1))
    e.RemRelease()


with Server(sys.argv[1], "--mof", os.path.join(HERE, "changes.mof"),
            users=((ME, "", "secret"),)) as server:
    for part in (instances, namespaces, enumerators, methods, events):
        with Session(ME, "secret") as session:
            part(session)
    with Session(ME, "secret", namespace="//./root/cimv2/Below") as session:
        namespace_below(session)
print("done")
