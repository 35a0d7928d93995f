"""The audit of installed packages in CI: findings, no findings, and no answer."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / ".ci" / "audit.py"


@pytest.fixture(scope="module")
def audit():
    spec = importlib.util.spec_from_file_location("audit", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def package(name, *found, **more):
    return {"name": name, "version": "1.0", "vulns": [{"id": code, "fix_versions": ["1.1"]} for code in found], **more}


def report(*packages):
    return {"dependencies": list(packages)}


UNKNOWN = {"name": "gradio", "skip_reason": "not found on PyPI"}


def test_a_vulnerability_fails_the_audit_and_is_named(audit):
    status, said = audit.judge(report(package("torch"), package("gradio", "CVE-7", "CVE-8")))
    assert status == 1
    assert said.splitlines() == [
        "VULNERABLE: gradio 1.0: CVE-7, fixed in 1.1",
        "VULNERABLE: gradio 1.0: CVE-8, fixed in 1.1",
    ]


def test_vulnerabilities_of_unpinned_packages_are_ignored(audit):
    assert audit.judge(report(package("torch"), package("pip", "CVE-9")))[0] == 0


def test_an_audit_without_findings_passes_and_names_skipped_packages(audit):
    status, said = audit.judge(report(package("torch"), UNKNOWN))
    assert status == 0
    assert said == "1 packages have no known vulnerability\nnot audited: gradio: not found on PyPI"


@pytest.mark.parametrize("answer", ["no route to host", {"dependencies": [UNKNOWN]}, {"dependencies": []}])
def test_without_an_answer_the_audit_is_skipped_with_a_message(audit, answer):
    status, said = audit.judge(answer)
    assert status == 0
    assert said.startswith("AUDIT SKIPPED: nothing was audited (")


def test_ci_runs_the_audit(audit):
    assert ".venv/bin/python .ci/audit.py" in (SCRIPT.parent / "run").read_text("utf-8")
