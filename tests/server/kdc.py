"""A KDC of MIT's on the loopback's port 88, for the realm EXAMPLE.TEST, with the user jane (password
"secret") and a key for the host server.example.test. To be used in own_network(). Exits with 77 when
the machine has none.
"""
import os
import shutil
import subprocess
import sys
import tempfile

REALM = "EXAMPLE.TEST"
CONFIGURATION = """[libdefaults]
default_realm = EXAMPLE.TEST
dns_lookup_kdc = false
dns_lookup_realm = false
rdns = false
dns_canonicalize_hostname = false
[realms]
EXAMPLE.TEST = {
kdc = 127.0.0.1:88
}
[domain_realm]
.example.test = EXAMPLE.TEST
[logging]
kdc = FILE:%(folder)s/kdc.log
default = FILE:%(folder)s/kdc.log
"""
KDC_CONFIGURATION = """[kdcdefaults]
kdc_listen = 127.0.0.1:88
kdc_tcp_listen = 127.0.0.1:88
[realms]
EXAMPLE.TEST = {
database_name = %(folder)s/principal
key_stash_file = %(folder)s/stash
acl_file = %(folder)s/acl
max_life = 10h
supported_enctypes = aes256-cts:normal aes128-cts:normal
}
"""


class Kdc:
    def __init__(self):
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        if not shutil.which("krb5kdc") or not shutil.which("kadmin.local") or \
           not shutil.which("kinit"):
            sys.exit(77)
        self.folder = tempfile.mkdtemp()
        self.keytab = os.path.join(self.folder, "keytab")
        for name, text in (("krb5.conf", CONFIGURATION), ("kdc.conf", KDC_CONFIGURATION)):
            with open(os.path.join(self.folder, name), "w") as f:
                f.write(text % {"folder": self.folder})
        os.environ["KRB5_CONFIG"] = os.path.join(self.folder, "krb5.conf")
        os.environ["KRB5_KDC_PROFILE"] = os.path.join(self.folder, "kdc.conf")
        os.environ["KRB5RCACHENAME"] = "none:"
        os.environ.pop("KRB5CCNAME", None)
        self.run("kdb5_util", "create", "-s", "-r", REALM, "-P", "master")
        self.run("kadmin.local", "-r", REALM, text="addprinc -pw secret jane\n"
                 "addprinc -randkey host/server.example.test\n"
                 "ktadd -k %s host/server.example.test\n" % self.keytab)
        self.process = subprocess.Popen(["krb5kdc", "-n", "-r", REALM],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            if "starting" in line:
                break

    def run(self, *command, text=None):
        subprocess.run(command, check=True, input=text, text=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def tickets(self, password):
        """jane's for the host, in a cache that impacket uses: how it asks for them is understood by
        Windows' KDC only. False: the password is wrong."""
        os.environ["KRB5CCNAME"] = os.path.join(self.folder, "tickets")
        if subprocess.run(["kinit", "jane@" + REALM], input=password, text=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            return False
        self.run("kvno", "host/server.example.test")
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)
