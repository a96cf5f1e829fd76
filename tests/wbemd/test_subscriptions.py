#!/usr/bin/python3
"""Permanent subscriptions that wbemd runs: from its MOF, by a change that a client makes, to a log file;
through a reload; and not for strangers. Arguments: wbemd, wbem."""
import os
import pwd
import signal
import subprocess
import sys
import time

from daemon import NT_HASH, Daemon, done, expect, path, write

LOG = path("events")
MOF = write("test.mof", r'''
class Thing { [key] uint32 Id; string Name; };
instance of Thing { Id = 1; Name = "first"; };
#pragma namespace("root\\subscription")
instance of __EventFilter as $filter {
    Name = "changes"; QueryLanguage = "WQL"; EventNamespace = "root\\cimv2";
    Query = "SELECT * FROM __InstanceModificationEvent WITHIN 1 WHERE TargetInstance ISA 'Thing'"; };
instance of LogFileEventConsumer as $consumer {
    Name = "log"; Filename = "%s"; Text = "changed to %%TargetInstance.Name%%"; };
instance of __FilterToConsumerBinding { Filter = $filter; Consumer = $consumer; };
''' % LOG)


def has_come(text):
    """Bounded, and long for a slow machine: a minute."""
    for _ in range(600):
        if os.path.exists(LOG) and text in open(LOG).read():
            return True
        time.sleep(0.1)
    return False


ME = pwd.getpwuid(os.geteuid()).pw_name
passwords = write("passwd", "%s::%s\njane::%s\n" % (ME, NT_HASH, NT_HASH))


def rename(daemon, user, name):
    p = subprocess.run(
        [sys.argv[2], "wmic", "/node:127.0.0.1[%d]" % daemon.port, "/user:" + user, "path",
         "Thing.Id=1", "set", 'Name="%s"' % name], env={**os.environ, "WBEM_PASSWORD": "password"},
        capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout + p.stderr


def log_file_consumer(daemon, user):
    """Who may put what acts with the server's rights."""
    p = subprocess.run(
        [sys.argv[2], "wmic", "/node:127.0.0.1[%d]" % daemon.port, "/user:" + user,
         r"/namespace:\\root\subscription", "path", "LogFileEventConsumer", "create",
         'Name="%s",Filename="%s",Text="x"' % (user, path("other"))],
        env={**os.environ, "WBEM_PASSWORD": "password"}, capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout + p.stderr


with Daemon("--listen", "127.0.0.1", "--port", "0", "--mof", MOF, "--subscriptions", "yes",
            "--password-file", passwords) as daemon:
    status, said = rename(daemon, ME, "second")
    expect(status == 0, said)
    expect(has_come("changed to second"), daemon.errors())
    daemon.signal(signal.SIGHUP)
    status, said = rename(daemon, ME, "third")
    expect(status == 0, said)
    expect(has_come("changed to third"), daemon.errors())
    status, said = log_file_consumer(daemon, "jane")
    expect(status != 0 and "ACCESS" in said.upper(), status, said)
    status, said = log_file_consumer(daemon, ME)
    expect(status == 0, said)
expect(open(LOG).read() == "changed to second\nchanged to third\n", open(LOG).read())

# Unless told so wbemd runs none.
with Daemon("--listen", "127.0.0.1", "--port", "0", "--mof", MOF, "--password-file",
            passwords) as daemon:
    expect(rename(daemon, ME, "fourth")[0] == 0)
    time.sleep(3)  # more than twice what the query polls by
expect("fourth" not in open(LOG).read())
done()
