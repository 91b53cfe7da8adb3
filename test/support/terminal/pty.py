"""Runs a program in a terminal of its own: what it shows goes to standard output, what is to be done comes as lines of
JSON: {"keys": "q"}, {"size": [columns, rows]}. On standard error comes its process id, and at the end whether lines are
edited as they are for a shell ("cooked") or not ("raw"). It ends as the program does, with 128 and the signal's number
where one ended it."""
import fcntl
import json
import os
import select
import struct
import subprocess
import sys
import termios

columns, rows, *program = sys.argv[1:]
master, slave = os.openpty()


def resize(columns, rows):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))


def own_terminal():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


resize(columns, rows)
child = subprocess.Popen(program, stdin=slave, stdout=slave, stderr=slave, preexec_fn=own_terminal)
os.close(slave)
print(child.pid, file=sys.stderr, flush=True)

todo = b""
sources = [master, 0]
while sources:
    readable, _, _ = select.select(sources, [], [], 0.05)
    if master in readable:
        try:
            shown = os.read(master, 65536)
        except OSError:
            shown = b""
        if not shown:
            break
        os.write(1, shown)
    elif child.poll() is not None:
        break
    if 0 in readable:
        more = os.read(0, 65536)
        if not more:
            sources.remove(0)
        *lines, todo = (todo + more).split(b"\n")
        for line in lines:
            order = json.loads(line)
            if "size" in order:
                resize(*order["size"])
            else:
                os.write(master, order["keys"].encode())
code = child.wait()
modes = termios.tcgetattr(master)[3]
wanted = termios.ICANON | termios.ECHO | termios.ISIG
print("cooked" if modes & wanted == wanted else "raw", file=sys.stderr, flush=True)
sys.exit(code if code >= 0 else 128 - code)
