#!/usr/bin/python3
"""Every CIM type and arrays, associations, classes: impacket gets what `wbem` shows locally.

Arguments: wbemd, wbem.
"""
import getpass
import json
import os
import subprocess
import sys
import tempfile

from harness import Server, Session, enumerator, fails, objects, values

WBEMD, WBEM = sys.argv[1:3]
MOF = os.path.join(os.path.dirname(os.path.abspath(__file__)), "types.mof")
WBEM_E_INVALID_QUERY = 0x80041017
WBEM_E_INVALID_CLASS = 0x80041010


def wbem(place, *arguments):
    return subprocess.run([WBEM, *arguments, "--repository", place], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def local(place, query):
    return json.loads(wbem(place, "query", query, "--format", "json"))


def embedded(text):
    """Names and values of object text as `wbem` shows it; None for properties that it leaves out."""
    found = {"Number": None, "Label": None}
    for line in text.split("\n"):
        name, equals, value = line.strip().rstrip(";").partition(" = ")
        if equals:
            found[name] = json.loads(value)
    return found


def as_wbem_has_it(o, name, p, want):
    """What impacket has of a property, in the form of the local output."""
    kind, value = p["stype"], p["value"]
    if value is None:
        # It knows defaults of inherited properties only.
        return "unsaid" if name == "Text" and want == "unsaid" else None
    if name == "Part":
        assert values(getattr(o, name)) == embedded(want), (values(getattr(o, name)), want)
        return want
    if name == "Parts":
        assert [values(v) for v in getattr(o, name)] == [embedded(w) for w in want]
        return want
    if name == "Whens":  # it gives their places in the heap
        assert len(value) == len(want)
        return want
    if name == "Flags":
        return [v != 0 for v in value]
    if kind == "bool":
        return value == "True"
    return value


def number(value):
    """Of 64 bits, which JSON has as a string."""
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value


def same(o, want):
    got = o.getProperties()
    assert set(got) == set(want), (set(got) ^ set(want), o.getClassName())
    for name, value in want.items():
        have = as_wbem_has_it(o, name, got[name], value)
        if isinstance(value, list) and have is not None:
            assert list(map(number, have)) == list(map(number, value)), (name, have, value)
        else:
            assert number(have) == number(value), (o.getClassName(), name, have, value)


def same_answers(session, place, query, steady=None, least=1):
    remote, here = session.query(query), local(place, query)
    assert len(remote) == len(here) >= least, (query, len(remote), len(here))
    for o, want in zip(remote, here):
        if steady:
            want = {name: want[name] for name in steady}
            assert set(steady) <= set(o.getProperties())
            assert {n: number(v) for n, v in values(o).items() if n in steady} == \
                   {n: number(v) for n, v in want.items()}, query
        else:
            same(o, want)


def check(session, place):
    services = session.services
    for name in ("full", "empty"):
        one, _ = services.GetObject('Test_Types.Name="%s"' % name)
        same(one, local(place, 'SELECT * FROM Test_Types WHERE Name = "%s"' % name)[0])
    same_answers(session, place, "SELECT * FROM Test_Types")
    same_answers(session, place, "SELECT Name FROM Test_Reals WHERE R32 = 1.5 AND R64 = -2.25e100")
    same_answers(session, place, 'ASSOCIATORS OF {Test_Types.Name="full"}')
    classes = session.query('ASSOCIATORS OF {Test_Types.Name="full"} WHERE ClassDefsOnly')
    assert [o.getClassName() for o in classes] == ["Test_Part"]
    same_answers(session, place, 'REFERENCES OF {Test_Part.Number=1}')
    # Classes of the live machine, by what does not change between two questions.
    same_answers(session, place, "SELECT * FROM Win32_OperatingSystem",
                 ("Caption", "Version", "CSName", "LastBootUpTime", "TotalVisibleMemorySize"))
    same_answers(session, place, "SELECT * FROM Win32_Processor", ("DeviceID", "NumberOfCores"))
    same_answers(session, place, "SELECT * FROM Win32_UserAccount", ("Name", "SID"))
    same_answers(session, place, "SELECT * FROM Win32_LogicalDisk", ("DeviceID", "Size"), least=0)
    same_answers(session, place, "SELECT * FROM Win32_Process WHERE Handle = '%d'" % os.getpid(),
                 ("Name", "ProcessId", "ParentProcessId", "CommandLine", "CreationDate"))
    # Instances and classes by enumeration.
    found = objects(enumerator(services, lambda: services.CreateInstanceEnum("Test_Part")))
    assert sorted(values(o)["Number"] for o in found) == [1, 2]
    found = objects(enumerator(services, lambda: services.CreateClassEnum("CIM_LogicalDevice")))
    names = {o.getClassName() for o in found}
    assert names == set(wbem(place, "classes", "--below", "CIM_LogicalDevice").split()), names
    query = "SELECT * FROM meta_class WHERE __CLASS = 'Test_Types'"
    assert [o.getClassName() for o in session.query(query)] == ["Test_Types"]
    defined, _ = services.GetObject("Test_Types")
    assert defined.getProperties()["Text"]["value"] == "unsaid"
    assert "key" in defined.getProperties()["Name"]["qualifiers"]
    methods, _ = services.GetObject("Win32_Process")
    assert {"Create", "Terminate", "GetOwner"} <= set(methods.getMethods())
    fails(WBEM_E_INVALID_QUERY, lambda: services.ExecQuery("SELECT FROM"))
    fails(WBEM_E_INVALID_CLASS, lambda: session.query("SELECT * FROM Test_Nothing"))


with tempfile.TemporaryDirectory() as folder:
    place = os.path.join(folder, "repository")
    wbem(place, "mof", "compile", "-n", "root\\cimv2", MOF)
    me = getpass.getuser()  # whose the repository is
    with Server(WBEMD, users=((me, "", "secret"),), place=place):
        with Session(me, "secret") as session:
            check(session, place)
print("done")
