"""Nothing is fetched and nothing is written, whatever is verified: neither network nor home folder decides."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys

seen = []
network = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}
def watch(event, arguments):
    if event in network or (event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")):
        seen.append((event, str(arguments)))
        raise OSError(event)
sys.dont_write_bytecode = True
sys.addaudithook(watch)

from pathlib import Path
from strongroom.attestations.configuration import check_trust_root
from strongroom.attestations.verify import verify
from strongroom.kernel.refused import Refused
from tests.attestations.samples import ALL, STAGING

for trust_root in (None, Path(sys.argv[1])):
    check_trust_root(trust_root)
    for sample in (*ALL, STAGING):
        try:
            answer = verify(
                sample.text, filename=sample.filename, path=sample.path, publisher=sample.publisher, trust_root=trust_root
            )
            print(len(answer.predicates))
        except Refused as refused:
            print(refused.code)
assert seen == [], seen
"""


def test_verifying_speaks_to_nobody_and_writes_no_file(tmp_path: Path) -> None:
    root = Path(sys.prefix)
    [trust_root] = root.glob("lib/python*/site-packages/sigstore/_store/*sigstage.dev/trusted_root.json")
    home = tmp_path / "home"
    home.mkdir()
    environment = {"PATH": os.defpath, "HOME": str(home), "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(trust_root)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        check=False,
    )
    assert answer.stderr == ""
    shipped = ["2", "1", "1", "attestation_invalid"]
    other = ["attestation_invalid", "attestation_invalid", "attestation_invalid", "attestation_identity"]
    assert answer.stdout.split() == shipped + other
    assert list(home.rglob("*")) == []
