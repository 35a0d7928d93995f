"""Ask whether an installed package has a known vulnerability; only an answer can fail.

The data lie on PyPI. Where that cannot be asked, behind a closed network or a mirror that has none, this says so and
passes: the pins have not changed by that. `.ci/run` calls it in the environment that it has just made.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

SECONDS = 180  # for all packages together
NOT_OURS = {"pip", "setuptools"}  # what `python -m venv` brings is whatever that Python came with

Report = dict[str, Any]


def ask() -> Report | str:
    """What pip-audit has found, or why it has found nothing out."""
    command = [sys.executable, "-m", "pip_audit", "--local", "--skip-editable", "--progress-spinner", "off"]
    try:
        done = subprocess.run([*command, "-f", "json"], capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"no answer within {SECONDS} seconds"
    try:
        return json.loads(done.stdout)
    except ValueError:
        return (done.stderr.strip().splitlines() or ["it said nothing"])[-1]


def judge(report: Report | str) -> tuple[int, str]:
    """The exit status, and what to print.

    >>> judge({"dependencies": [{"name": "torch", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": []}]}]})
    (1, 'VULNERABLE: torch 1.0: CVE-1, fixed in nothing yet')
    """
    if isinstance(report, str):
        return 0, f"AUDIT SKIPPED: nothing was audited ({report})"
    packages = [package for package in report["dependencies"] if package["name"] not in NOT_OURS]
    found = [
        f"VULNERABLE: {package['name']} {package['version']}: {vulnerability['id']}, "
        f"fixed in {', '.join(vulnerability['fix_versions']) or 'nothing yet'}"
        for package in packages
        for vulnerability in package.get("vulns", ())
    ]
    skipped = [package for package in packages if "skip_reason" in package]
    if found:
        return 1, "\n".join(found)
    if len(skipped) == len(packages):
        reason = skipped[0]["skip_reason"] if skipped else "no package was found"
        return 0, f"AUDIT SKIPPED: nothing was audited ({reason})"
    said = f"{len(packages) - len(skipped)} packages have no known vulnerability"
    return 0, said + "".join(f"\nnot audited: {package['name']}: {package['skip_reason']}" for package in skipped)


if __name__ == "__main__":
    status, said = judge(ask())
    print(said)
    sys.exit(status)
