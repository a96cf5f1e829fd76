#!/usr/bin/python3
"""What remote users may do: come in, ask, change, and not what the server does with its own rights.

Arguments: wbemd, wbem.
"""
import contextlib
import getpass
import io
import os
import subprocess
import sys
import tempfile

from harness import HOST, Server, Session, dcomrt, fails, values
from impacket.dcerpc.v5.dtypes import DWORD, LONG, WSTR
from impacket.uuid import string_to_bin, uuidtup_to_bin

WBEMD, WBEM = sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))
ME, GUEST = getpass.getuser(), "no-account-of-this-machine"
USERS = ((ME, "", "mine"), (GUEST, "", "yours"))
WBEM_E_ACCESS_DENIED = 0x80041003
E_ACCESSDENIED = 0x80070005
WBEM_E_NOT_FOUND = 0x80041002


def instance(session, cls, **properties):
    made = session.services.GetObject(cls)[0].SpawnInstance()
    for name, value in properties.items():
        setattr(made, name, value)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it puts
        return made.marshalMe()


def put(session, cls, **properties):
    return session.services.PutInstance(instance(session, cls, **properties)).GetCallStatus(0)


def fails_to_call(session, path, method):
    """By ExecMethod itself: its wrapper only logs what went wrong."""
    fails(WBEM_E_ACCESS_DENIED, lambda: session.services.ExecMethod(path, method))


def guest(session):
    services = session.services
    assert len(session.query("SELECT * FROM Test_Item")) == 3
    assert put(session, "Test_Item", Number=4, Label="of a guest") == 0
    services.DeleteInstance("Test_Item.Number=4")
    me = 'Win32_Process.Handle="%d"' % os.getpid()
    assert values(services.GetObject(me)[0].GetOwner())["User"] == ME
    fails_to_call(session, me, "Terminate")
    fails_to_call(session, "Win32_Process", "Create")
    fails(WBEM_E_ACCESS_DENIED, services.QueryObjectSink)


def guest_of_subscriptions(session):
    """What the server would do as its own user."""
    services = session.services
    for cls, properties in (
            ("__EventFilter", {"Name": "x", "QueryLanguage": "WQL",
                               "Query": "SELECT * FROM __TimerEvent"}),
            ("CommandLineEventConsumer", {"Name": "x", "CommandLineTemplate": "/bin/true"}),
            ("LogFileEventConsumer", {"Name": "x", "Filename": "/nowhere/x", "Text": "x"}),
            ("__Win32Provider", {"Name": "x"})):
        fails(WBEM_E_ACCESS_DENIED, lambda: put(session, cls, **properties))
        fails(WBEM_E_ACCESS_DENIED, lambda: services.DeleteInstance('%s.Name="x"' % cls))
    fails(WBEM_E_ACCESS_DENIED, lambda: put(
        session, "__FilterToConsumerBinding", Filter='__EventFilter.Name="x"',
        Consumer='CommandLineEventConsumer.Name="x"'))
    fails(WBEM_E_ACCESS_DENIED, lambda: services.DeleteClass("CommandLineEventConsumer"))


def own_user(session):
    """As wmipersist.py does it."""
    assert put(session, "CommandLineEventConsumer", Name="x",
               CommandLineTemplate="/bin/true") == 0
    assert put(session, "__EventFilter", Name="x", QueryLanguage="WQL",
               EventNamespace="root\\subscription",
               Query="SELECT * FROM __TimerEvent WHERE TimerId = 'x'") == 0
    assert put(session, "__FilterToConsumerBinding", Filter='__EventFilter.Name="x"',
               Consumer='CommandLineEventConsumer.Name="x"') == 0
    services = session.services
    assert services.DeleteInstance(
        r'__FilterToConsumerBinding.Consumer="CommandLineEventConsumer.Name=\"x\"",'
        r'Filter="__EventFilter.Name=\"x\""').GetCallStatus(0) == 0
    assert services.DeleteInstance('__EventFilter.Name="x"').GetCallStatus(0) == 0
    assert services.DeleteInstance('CommandLineEventConsumer.Name="x"').GetCallStatus(0) == 0
    fails(WBEM_E_NOT_FOUND, lambda: services.DeleteInstance('__EventFilter.Name="x"'))


class BackupCall(dcomrt.DCOMCALL):
    """impacket's own has a pointer before the string; the IDL has none."""
    opnum = 3
    structure = (("strBackupToFile", WSTR), ("lFlags", LONG))


class BackupCallResponse(dcomrt.DCOMANSWER):
    structure = (("ErrorCode", DWORD),)


class Backup:
    """IWbemBackupRestore, of which impacket has the messages only."""

    def __init__(self, user, password):
        dcomrt.INTERFACE.CONNECTIONS.clear()
        self.connection = dcomrt.DCOMConnection(HOST, user, password)
        self.face = dcomrt.IRemUnknown2(self.connection.CoCreateInstanceEx(
            string_to_bin("C49E32C6-BC8B-11D2-85D4-00105A1F8304"), self.IID))

    IID = uuidtup_to_bin(("C49E32C7-BC8B-11D2-85D4-00105A1F8304", "0.0"))

    def backup(self, path):
        request = BackupCall()
        request["strBackupToFile"], request["lFlags"] = path + "\0", 0
        self.face.request(request, self.IID, uuid=self.face.get_iPid())


def backups(folder):
    path = os.path.join(folder, "copy")
    fails(E_ACCESSDENIED, lambda: Backup(GUEST, "yours"))
    Backup(ME, "mine").backup(path)
    assert os.path.getsize(path) > 0


with Server(WBEMD, "--mof", os.path.join(HERE, "changes.mof"), users=USERS):
    with Session(GUEST, "yours") as session:
        guest(session)
    with Session(GUEST, "yours", namespace="//./root/subscription") as session:
        guest_of_subscriptions(session)
    with Session(ME, "mine", namespace="//./root/subscription") as session:
        own_user(session)

# A repository that stays lets nobody in from elsewhere who is not given the right to it.
with tempfile.TemporaryDirectory() as folder:
    place = os.path.join(folder, "repository")
    subprocess.run([WBEM, "mof", "compile", "--repository", place,
                    os.path.join(HERE, "changes.mof")], check=True, stdout=subprocess.DEVNULL)
    with Server(WBEMD, users=USERS, place=place):
        fails(WBEM_E_ACCESS_DENIED, lambda: Session(GUEST, "yours"))
        with Session(ME, "mine") as session:
            assert session.query("SELECT * FROM Win32_ComputerSystem")
        backups(folder)
print("done")
