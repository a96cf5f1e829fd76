#!/usr/bin/python3
"""What a principal is on this machine, and what it may do therefore. Arguments: wbemd, wbem."""
import grp
import os
import pwd
import subprocess
import sys

from daemon import PASSWORD, Daemon, done, expect, path, run, write

from harness import HOST, Session, fails, ntlm, point_at
from impacket.ldap import ldaptypes

WBEM = sys.argv[2]
ACCESS_DENIED = "rpc_s_access_denied"
WBEM_E_ACCESS_DENIED = 0x80041003
ENABLE_AND_REMOTE = 0x21

HASH = ntlm.compute_nthash(PASSWORD).hex()
# An account that every machine has, and that is not root.
ACCOUNT = pwd.getpwuid(1).pw_name
GROUP = grp.getgrgid(1).gr_name
users = write("passwd", "".join("%s:%s\n" % (u, HASH) for u in (
    "joe:", "%s:" % ACCOUNT, "root:", "jane:EXAMPLE", "root:EXAMPLE",
    "%s:EXAMPLE" % ACCOUNT)))
place = path("repository")


def serve(*arguments):
    daemon = Daemon("--listen", HOST, "--port", "0", "--repository", place, "--password-file",
                    users, *arguments)
    point_at(daemon.port)
    return daemon


def may(user, domain=""):
    with Session(user=user, domain=domain):
        pass


def may_not(user, domain="", code=WBEM_E_ACCESS_DENIED):
    fails(code, lambda: Session(user=user, domain=domain))


def descriptor(sid):
    """Enable and remote access for one, beside the administrators, who may do everything."""
    def entry(who, mask):
        ace = ldaptypes.ACE()
        ace["AceType"], ace["AceFlags"] = ldaptypes.ACCESS_ALLOWED_ACE.ACE_TYPE, 2
        ace["Ace"] = ldaptypes.ACCESS_ALLOWED_ACE()
        ace["Ace"]["Mask"] = ldaptypes.ACCESS_MASK()
        ace["Ace"]["Mask"]["Mask"] = mask
        ace["Ace"]["Sid"] = ldaptypes.LDAP_SID()
        ace["Ace"]["Sid"].fromCanonical(who)
        return ace
    administrators = ldaptypes.LDAP_SID()
    administrators.fromCanonical("S-1-5-32-544")
    sd = ldaptypes.SR_SECURITY_DESCRIPTOR()
    sd["Revision"], sd["Sbz1"], sd["Control"] = b"\1", b"\0", 0x8004
    sd["OwnerSid"] = sd["GroupSid"] = administrators
    sd["Sacl"] = b""
    acl = ldaptypes.ACL()
    acl["AclRevision"], acl["Sbz1"], acl["Sbz2"] = 2, 0, 0
    acl.aces = [entry("S-1-5-32-544", 0x6003F), entry(sid, ENABLE_AND_REMOTE)]
    sd["Dacl"] = acl
    return sd.getData()


def grant(sid):
    """By an administrator of this machine, while wbemd serves the same repository."""
    subprocess.run([WBEM, "call", "--namespace", "root\\cimv2", "__SystemSecurity", "SetSD",
                    "SD={%s}" % ",".join(str(b) for b in descriptor(sid))],
                   env={**os.environ, "WBEM_REPOSITORY": place}, check=True, timeout=60,
                   stdout=subprocess.DEVNULL)


# Nobody may come in from afar but administrators; of users the password file names, who are
# accounts here, that is root.
with serve():
    may("root")
    may("ROOT", "ANY")
    may_not("joe")
    may_not(ACCOUNT)
    # A line for a domain is no account of this machine, whatever its name.
    may_not("root", "EXAMPLE")
    may_not("jane", "EXAMPLE")
    may_not("jane", "OTHER", ACCESS_DENIED)

# Rules: the first that fits says which account; groups add up.
with serve("--account", "joe root"):
    may("joe")
    may("root")
with serve("--account", "EXAMPLE\\jane root", "--account", "EXAMPLE\\* -"):
    may("jane", "EXAMPLE")
    may("jane", "example")
    may_not("root", "EXAMPLE")
with serve("--account", "EXAMPLE\\* *"):
    may_not("root", "EXAMPLE")  # root has to be named
with serve("--account", "root -"):
    may_not("root")
with serve("--group", "joe Administrators", "--group", "EXAMPLE\\* S-1-5-32-544"):
    may("joe")
    may("jane", "EXAMPLE")
    may_not(ACCOUNT)

# Rights given to an identifier of this machine's.
with serve():
    grant("S-1-22-1-1")  # the account with the number 1
    may(ACCOUNT)
    may_not(ACCOUNT, "EXAMPLE")
    may_not("joe")
with serve("--account", "joe %s" % ACCOUNT, "--account", "EXAMPLE\\* *"):
    may("joe")
    may(ACCOUNT, "EXAMPLE")
    may_not("jane", "EXAMPLE")
    grant("S-1-22-2-1")  # the group with the number 1
    may("joe")
with serve("--group", "joe %s" % GROUP):
    may("joe")
    may_not("jane", "EXAMPLE")

# PAM's account phase.
permit = write("permit", "account required pam_permit.so\n")
deny = write("deny", "account required pam_deny.so\n")
got, out, errors = run("--check", "--password-file", users, "--pam-service", permit)
if "without PAM" in errors:
    expect(got == 1, got)
else:
    with serve("--pam-service", permit) as daemon:
        may("root")
        may_not("joe", code=ACCESS_DENIED)
        expect("it has no account on this machine" in daemon.errors(), daemon.errors())
    with serve("--pam-service", deny) as daemon:
        may_not("root", code=ACCESS_DENIED)
        expect("root from 127.0.0.1 is refused: PAM service %s" % deny in daemon.errors(),
               daemon.errors())
    with serve("--pam-service", deny, "--account", "joe root", "--account", "* -") as daemon:
        may_not("joe", code=ACCESS_DENIED)
        expect(PASSWORD not in daemon.errors() and HASH not in daemon.errors())
done()
