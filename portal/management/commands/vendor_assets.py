"""Bring the browser files that are kept in the repository from their npm packages, and prove that they are those."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

ROOT = Path(settings.BASE_DIR)
SPEC = ROOT / "static/vendor/assets.json"
LOCK = ROOT / "static/vendor/assets.lock.json"


def digest(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def member(tar: tarfile.TarFile, name: str) -> bytes:
    found = tar.extractfile(f"package/{name}")
    if found is None:
        raise CommandError(f"the package has no file {name}")
    return found.read()


def sprite(tar: tarfile.TarFile, spec: dict[str, Any]) -> bytes:
    """One SVG with a symbol for each icon used, so that a page loads 5 kB and not 5,000 files."""
    out = ['<svg xmlns="http://www.w3.org/2000/svg">']
    for name in sorted(spec["icons"]):
        svg = member(tar, f"{spec['dir']}/{name}.svg").decode()
        found = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
        body = re.sub(r"\s+", " ", found.group(1)).strip() if found else ""
        body = body.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" /> ', "").replace("> <", "><")
        out.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return ("\n".join(out) + "\n</svg>\n").encode()


class Command(BaseCommand):
    help = "Fetch the vendored browser files with npm, verify them against the lock, copy what is named."
    requires_system_checks = []  # noqa: RUF012 - Django declares it without ClassVar

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail when a tarball or a copied file differs")

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        lock = json.loads(LOCK.read_text()) if LOCK.exists() else {}
        fresh: dict[str, Any] = {}
        wrong: list[str] = []
        with tempfile.TemporaryDirectory() as folder:
            for name, spec in json.loads(SPEC.read_text())["packages"].items():
                tarball = self.pack(name, spec["version"], Path(folder))
                integrity = digest(tarball.read_bytes())
                known = lock.get(name, {})
                if known.get("version") == spec["version"] and known["integrity"] != integrity:
                    wrong.append(f"{name}: the tarball is not the one in the lock")
                files, licence = self.unpack(tarball, spec)
                wrong += self.place(name, ROOT / spec.get("root", "static"), files, check=check)
                fresh[name] = {
                    "version": spec["version"],
                    "license": licence,
                    "integrity": integrity,
                    "files": {target: digest(data) for target, data in files.items()},
                }
        if wrong:
            raise CommandError("\n".join(wrong))
        if not check:
            LOCK.write_text(json.dumps(fresh, indent=1) + "\n")
        self.stdout.write(f"{len(fresh)} packages, all as locked")

    def pack(self, name: str, version: str, folder: Path) -> Path:
        command = ["npm", "pack", f"{name}@{version}", "--json", "--pack-destination", str(folder)]
        try:
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            raise CommandError(f"npm could not bring {name}@{version}: {error}") from None
        meta = json.loads(told)
        first = meta[0] if isinstance(meta, list) else next(iter(meta.values()))
        return folder / str(first["filename"])

    def unpack(self, tarball: Path, spec: dict[str, Any]) -> tuple[dict[str, bytes], str]:
        with tarfile.open(tarball) as tar:
            licence = json.loads(member(tar, "package.json")).get("license", "")
            files = {target: member(tar, source) for source, target in spec.get("files", {}).items()}
            if "sprite" in spec:
                files[spec["sprite"]["out"]] = sprite(tar, spec["sprite"])
        return files, licence

    def place(self, name: str, root: Path, files: dict[str, bytes], *, check: bool) -> list[str]:
        wrong = []
        for target, data in files.items():
            path = root / target
            if check:
                if not path.exists() or path.read_bytes() != data:
                    wrong.append(f"{target}: differs from {name}")
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return wrong
