"""Addresses that must never be asked, and how each is answered; ``{port}`` is a server on this machine that listens."""

from __future__ import annotations

NO_ADDRESS = "is not an address that can be asked. Write it in full"
USERINFO = "holds a name or a password before the @. Leave that out"
ODD = "is a number in an unusual spelling"
HIDES = "hides another address inside. Write the machine’s own address."
NO_SERVER = "belongs to no server"
PRIVATE = "is on this machine or in a private network. Write a public address, or have"

TYPED = {
    "http://127.0.0.1:{port}/": PRIVATE,
    "http://127.9.8.7:{port}/": PRIVATE,
    "http://localhost:{port}/": PRIVATE,
    "http://LOCALHOST:{port}/": PRIVATE,
    "http://[::1]:{port}/": PRIVATE,
    "http://10.0.0.1/": PRIVATE,
    "http://172.16.5.4/": PRIVATE,
    "http://192.168.1.1/": PRIVATE,
    "http://100.64.0.1/": PRIVATE,
    "http://[fd00::1]/": PRIVATE,
    "http://169.254.169.254/latest/meta-data/": NO_SERVER,
    "http://[fe80::1]/": NO_SERVER,
    "http://[fe80::1%25eth0]/": NO_SERVER,
    "http://224.0.0.1/": NO_SERVER,
    "http://[ff02::1]/": NO_SERVER,
    "http://0.0.0.0:{port}/": NO_SERVER,
    "http://[::]:{port}/": NO_SERVER,
    "http://255.255.255.255/": NO_SERVER,
    "http://240.0.0.1/": NO_SERVER,
    "http://[::ffff:127.0.0.1]:{port}/": PRIVATE,
    "http://[::ffff:7f00:1]:{port}/": PRIVATE,
    "http://[::ffff:a9fe:a9fe]/": NO_SERVER,
    "http://[::127.0.0.1]/": HIDES,
    "http://[2002:7f00:1::]/": HIDES,
    "http://[64:ff9b::7f00:1]/": HIDES,
    "http://[64:ff9b::169.254.169.254]/": HIDES,
    "http://[64:ff9b:1::1]/": HIDES,
    "http://[2001:0:7f00:1::]/": HIDES,
    "http://[fec0::1]/": HIDES,
    "http://2130706433:{port}/": ODD,
    "http://017700000001:{port}/": ODD,
    "http://0177.0.0.1:{port}/": NO_ADDRESS,
    "http://0x7f000001:{port}/": ODD,
    "http://0x7f.0.0.1:{port}/": ODD,
    "http://127.1:{port}/": ODD,
    "http://0:{port}/": ODD,
    "http://public.example@127.0.0.1:{port}/": USERINFO,
    "http://user:secret@public.example/": USERINFO,
    "http://127.0.0.1:{port}@public.example/": USERINFO,
    "http://public.example\\@127.0.0.1:{port}/": NO_ADDRESS,
    "http://127.0.0.1:{port}#@public.example/": USERINFO,
    "http://127.0.0.1:{port}?@public.example/": USERINFO,
    "http://public.example/ HTTP/1.1\r\nHost: 127.0.0.1": NO_ADDRESS,
    "http://public.example\x00.127.0.0.1/": NO_ADDRESS,
    "http://\uff11\uff12\uff17.0.0.1:{port}/": NO_ADDRESS,
    "http://127。0。0。1:{port}/": PRIVATE,
    "http:///127.0.0.1:{port}/": NO_ADDRESS,
    "http:127.0.0.1:{port}": NO_ADDRESS,
    "//127.0.0.1:{port}/": NO_ADDRESS,
    "file:///etc/passwd": NO_ADDRESS,
    "gopher://127.0.0.1:{port}/_GET": NO_ADDRESS,
    "unix:///run/portal.sock": NO_ADDRESS,
    "javascript:alert(1)": NO_ADDRESS,
    "http://public.example:0/": NO_ADDRESS,
    "http://public.example:99999/": NO_ADDRESS,
}
