"""Runs wbemd as an administrator does, with files of its own."""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "server"))

PROGRAM = os.path.abspath(sys.argv[1])
FOLDER = tempfile.mkdtemp()
USER, PASSWORD = "monitor", "of all of them"
NT_HASH = "8846f7eaee8fb117ad06bdd830b7586c"  # of "password"


def path(name):
    return os.path.join(FOLDER, name)


def write(name, text, mode=0o600):
    with open(os.open(path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as f:
        f.write(text)
    os.chmod(path(name), mode)
    return path(name)


def run(*arguments, stdin="", environment=None, program=PROGRAM, **options):
    """(exit status, output, errors) of a wbemd that ends by itself."""
    p = subprocess.run([program, *arguments], input=stdin, capture_output=True, text=True,
                       timeout=60, env={**os.environ, **(environment or {})}, **options)
    return p.returncode, p.stdout, p.stderr


def expect(condition, *what):
    if not condition:
        raise AssertionError(what)


class Daemon:
    """One that serves: until the block ends, with a failure unless it ends well."""

    def __init__(self, *arguments, environment=None, status=0, **options):
        self.status = status
        self.log = open(path("log"), "w+")
        ready, told = os.pipe()
        os.set_inheritable(told, True)
        fds = (told, *options.pop("pass_fds", ()))
        self.process = subprocess.Popen(
            [PROGRAM, "--ready-fd", str(told), *arguments], stderr=self.log, pass_fds=fds,
            env={**os.environ, **(environment or {})}, **options)
        os.close(told)
        with os.fdopen(ready) as f:
            line = f.readline()
        if not line:
            self.process.wait()
            raise AssertionError("wbemd did not start: " + self.errors())
        self.port = int(line)

    def errors(self):
        with open(path("log")) as f:
            return f.read()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=60):
        return self.process.wait(timeout)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.process.terminate()
        status = self.wait()
        if kind or status != self.status:
            sys.stderr.write(self.errors())
        if not kind:
            expect(status == self.status, "wbemd ended with", status)


def done():
    shutil.rmtree(FOLDER)
    print("done")
