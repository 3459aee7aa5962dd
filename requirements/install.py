# Makes the virtual environment. Runs on the machine's own Python, however old, so it speaks a dialect that all read.
"""Usage: install.py FOLDER base|dev

Installs exactly what requirements/base.txt or dev.txt names, checked by hash. uv is only an accelerator: whatever goes wrong with
it, pip does the same job. What this machine lacks is said in one sentence.
"""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MEGABYTES = {"base": 500, "dev": 900}


def fail(sentence):
    sys.stderr.write(sentence + "\n")
    sys.exit(1)


def check_python():
    version = "{0}.{1}".format(*sys.version_info[:2])
    if sys.version_info < (3, 11):
        fail(
            "The portal needs Python 3.11 or newer and found {0}: install one, or name it as in "
            "make PYTHON=/path/to/python3.11 run.".format(version)
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        fail(
            "This Python cannot make virtual environments: install its venv module "
            "(Debian: apt-get install python{0}-venv).".format(version)
        )


def check_disk(folder, needed):
    free = shutil.disk_usage(os.path.dirname(os.path.abspath(folder))).free // 1024**2
    if free < needed:
        fail(
            "The disk is full: the portal's environment needs {0} MB in {1} and {2} are free.".format(
                needed, os.path.dirname(os.path.abspath(folder)), free
            )
        )


def run(*command, **options):
    quiet = subprocess.PIPE if options.get("quiet") else None
    ended = subprocess.run(command, env=options.get("env"), stdout=quiet, stderr=subprocess.STDOUT if quiet else None)
    return ended.returncode == 0


def usable(python):
    """An environment made earlier, by a Python that still exists, of a version that will do."""
    test = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return os.path.exists(python) and run(python, "-c", test, quiet=True)


def with_uv(python, wanted):
    pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--require-hashes")
    if not run(*pip, "-r", os.path.join(HERE, "uv.txt"), quiet=True):
        return False
    env = dict(os.environ, UV_PYTHON_DOWNLOADS="never", UV_NO_PROGRESS="1")
    # uv does not read pip's settings: where an organisation has its own index, say so.
    for ours, theirs in (("UV_DEFAULT_INDEX", "PIP_INDEX_URL"), ("SSL_CERT_FILE", "PIP_CERT")):
        if theirs in os.environ:
            env.setdefault(ours, os.environ[theirs])
    uv = os.path.join(os.path.dirname(python), "uv")
    return run(
        uv,
        "pip",
        "install",
        "-q",
        "--python",
        python,
        "--require-hashes",
        "--only-binary",
        ":all:",
        "-r",
        wanted,
        quiet=True,
        env=env,
    )


def with_pip(python, wanted):
    return run(
        python,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "-q",
        "--require-hashes",
        "--only-binary=:all:",
        "-r",
        wanted,
    )


def main(folder, which):
    python = os.path.join(os.path.abspath(folder), "bin", "python")
    check_python()
    check_disk(folder, MEGABYTES[which])
    sys.stderr.write("Preparing the environment in {0} (once, about a minute) ...\n".format(folder))
    wanted = os.path.join(HERE, which + ".txt")
    if not usable(python) and not run(sys.executable, "-m", "venv", "--clear", folder, quiet=True):
        fail(
            "The virtual environment {0} could not be made: is the folder writable, and is the venv module "
            "complete (Debian: apt-get install python3-venv)?".format(folder)
        )
    if not with_uv(python, wanted) and not with_pip(python, wanted):
        fail(
            "The packages could not be installed (the lines above say why): check the network, the package index and "
            "the disk; nothing is compiled here, so every package needs a wheel for this platform and Python {0}.{1}.".format(
                *sys.version_info[:2]
            )
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
