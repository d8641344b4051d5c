"""Secrets planted wherever a prompt takes its text from: none may be in what a provider receives."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_asking import CHOICE, FORMATS
from tests.conftest import Snapfix, crash
from tests.servers import Fault, Provider, provider

# Made up, and put together here so that no scanner takes them for real ones.
_A = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF"
CANARIES = {
    "a line of the traceback": "sk-proj-" + _A[::-1] + _A,
    "the failing function": "Winter!in:Bergen",
    "an enclosing function": "correct horse 77",
    "another file": "AKIA" + "QWERTYUIOP234567",
    "another file, without a known form": "k9" + _A[5:] + "Zq3",
    "a private key": "MIIEvQ" + _A + "kqhkiG9w0BAQEF",
    "the message": "ghp_" + _A + "1234",
    "an address in the message": "p4ss/w@rd",
    "a header in the message": "dXNlcjpodW50ZXIyMjI=",
    "a cookie in the message": "f3" + _A[7:28],
    "a line of .env": "xoxb-" + "123456789012-" + _A,
    "a diff": "glpat-" + _A[:20],
    "a command": "open5esame!",
    "a note": "hf_" + _A + "ab",
    "a file's name": "npm_" + _A + "abcd",
    "a folder's name": "sk_live_" + _A[3:30],
    "a person": "carlotta.b@fjord.example",
    "a home directory": "carlottab",
    "an argument by its place": "s3cond-plac3",
}


def _files() -> dict[str, str]:
    secret = CANARIES
    message = "\n".join([
        f"cannot sign in with {secret['the message']} at postgres://ada:{secret['an address in the message']}@db/shop",
        "{'Authorization': 'Basic " + secret["a header in the message"] + "'}",
        f"Set-Cookie: session={secret['a cookie in the message']}; Path=/",
        f"-TOKEN = '{secret['a diff']}'",
        "+TOKEN = os.environ['TOKEN']",
        f"['psql', '--password', '{secret['a command']}']",
        f"written to {secret['a person']} in /home/{secret['a home directory']}/shop/out.log",
    ])  # fmt: skip
    plugin = "/".join([secret["a folder's name"], secret["a file's name"] + ".py"])
    return {
        ".env": f"SLACK_BOT={secret['a line of .env']}\n",
        "shop/__init__.py": "",
        "shop/settings.py": (
            "def refuse(error):\n"
            f"    access = '{secret['another file']}'\n"
            f"    seeds = [access, '{secret['another file, without a known form']}']\n"
            f'    text = """-----BEGIN PRIVATE KEY-----\n{secret["a private key"]}\n-----END PRIVATE KEY-----"""\n'
            "    if seeds and text:\n        raise error\n"
        ),
        "shop/client.py": (
            "from shop.settings import refuse\n\n\ndef login(user, word):\n    return None\n\n\n"
            "def send(text):\n"
            f"    password = '{secret['the failing function']}'\n"
            f"    login('ada', '{secret['an argument by its place']}')\n"
            "    error = RuntimeError(text + open('.env').read().strip())\n"
            f"    error.add_note('tried with {secret['a note']} before')\n"
            f"    refuse(error if password else ValueError('{secret['a line of the traceback']}'))\n"
        ),
        plugin: (
            "from shop.client import send\n\n\ndef run():\n"
            f"    passphrase = '{secret['an enclosing function']}'\n"
            f"    return send({message!r}), passphrase\n\n\nrun()\n"
        ),
        "app.py": f"import runpy\nimport sys\n\nsys.path.insert(0, '.')\nrunpy.run_path('{plugin}')\n",
    }


def received(server: Provider) -> str:
    """Everything that a provider was sent: paths, headers and bodies."""
    requests = [*server.requests, *server.other_requests]
    assert requests
    return "\n".join(
        f"{one.path}\n{json.dumps(one.headers, ensure_ascii=False)}\n{json.dumps(one.body, ensure_ascii=False)}"
        for one in requests
    )


def answer_with(mask: str) -> str:
    return (
        f"## Root cause\nThe key `{mask}` is refused by the server.\n\n## Fix\nUse another key.\n\n"
        f"### Fix in `shop/client.py`\n<<<<<<< FIND\n    refuse(error if password else ValueError('{mask}'))\n=======\n"
        f"    refuse(error if password else KeyError('{mask}'))\n>>>>>>> REPLACE\n"
    )


def _mask_in_the_traceback(snapfix: Snapfix, text: str) -> str:
    shown = snapfix("--show-prompt", "--json", stdin=text)
    content = "\n".join(m["content"] for m in json.loads(shown.stdout)["prompts"][0]["messages"])
    found = re.search(r"refuse\(error if password else ValueError\('(<redacted:[a-z-]+-\d+>)'\)\)", content)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("name", FORMATS)
def test_no_planted_secret_reaches_a_provider_and_the_answer_has_them_back(
    snapfix: Snapfix, project: Path, name: str
) -> None:
    text = crash(project, _files())
    mask = _mask_in_the_traceback(snapfix, text)
    with provider(name, answer=answer_with(mask), models=("codellama:7b",)) as server:
        done = snapfix("--model", CHOICE[name], "--json", stdin=text, env=server.environ)
    sent = received(server)
    leaked = [where for where, canary in CANARIES.items() if canary in sent or canary[:12] in sent]
    assert leaked == []
    kinds = set(re.findall(r"<redacted:([a-z-]+)-\d+>", sent))
    assert {"api-key", "password", "credential", "email", "user", "token"} <= kinds
    document = json.loads(done.stdout)
    assert "<redacted:" not in done.stdout
    assert CANARIES["a line of the traceback"] in document["root_cause"]
    edit = document["fix"]["edits"][0]
    assert CANARIES["a line of the traceback"] in edit["find"]
    assert edit["rejected"] is None


@pytest.mark.parametrize("name", FORMATS)
def test_secrets_in_recent_changes_and_in_used_constants_are_masked(snapfix: Snapfix, project: Path, name: str) -> None:
    committed, changed, constant = "glpat-" + _A[4:24], "npm_" + _A + "wxyz", "xoxb-" + "998877665544-" + _A
    program = (
        "HOOK = '{hook}'\n\n\ndef target():\n    return HOOK\n\n\n"
        "def send(text):\n    key = '{key}'\n    return target()[text + key]\n\n\nsend('x')\n"
    )
    for number, key in enumerate((committed, changed)):
        (project / "app.py").write_text(program.format(hook=constant, key=key))
        _git(project, "init", "-q")
        _git(project, "add", "app.py")
        _git(project, "commit", "-qm", f"change {number}")
    text = crash(project, {"app.py": program.format(hook=constant, key="")})
    with provider(name, answer=answer_with("none"), models=("codellama:7b",)) as server:
        snapfix("--model", CHOICE[name], "--json", stdin=text, env=server.environ)
    sent = received(server)
    assert "Recent changes" in sent
    assert re.search(r"-    key = '<redacted:[a-z-]+-\d+>'", sent)
    assert re.search(r"HOOK = '<redacted:[a-z-]+-\d+>'", sent)
    assert [secret for secret in (committed, changed, constant) if secret in sent] == []


def _git(project: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@fjord.example", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=project, check=True, capture_output=True)


def test_the_answer_on_a_terminal_has_the_secret_back(snapfix: Snapfix, project: Path) -> None:
    text = crash(project, _files())
    mask = _mask_in_the_traceback(snapfix, text)
    with provider("openai", answer=answer_with(mask)) as server:
        done = snapfix("--model", "openai", stdin=text, env=server.environ)
    shown = re.sub(r"\s", "", done.stdout)
    assert CANARIES["a line of the traceback"] in shown
    assert "<redacted:" not in shown


def test_local_variables_that_a_printer_shows_are_masked(snapfix: Snapfix, project: Path) -> None:
    files = {
        "app.py": (
            "from rich.traceback import install\n\ninstall(show_locals=True, width=200)\n\n\ndef call():\n"
            "    db_password = 'Winter!in:' + 'Bergen'\n    headers = {'X-Api-Key': 'k7' * 9}\n"
            "    blob = '" + _A[:16] + "' + '" + _A[16:] + "'\n    return {}[0]\n\n\ncall()\n"
        )
    }
    text = crash(project, files)
    planted = ["Winter!in:Bergen", "k7" * 9, _A]
    assert all(secret in text for secret in planted)
    with provider("openai", answer=answer_with("`x`")) as server:
        snapfix("--model", "openai", stdin=text, env=server.environ)
    sent = received(server)
    assert [secret for secret in planted if secret in sent] == []


def test_a_local_model_is_sent_the_plain_text_only_if_the_user_says_so(snapfix: Snapfix, project: Path) -> None:
    text = crash(project, _files())
    plain = {"SNAPFIX_REDACT_LOCAL": "false"}
    with provider("ollama", answer=answer_with("x"), models=("codellama:7b",)) as server:
        snapfix("--model", "ollama/codellama:7b", stdin=text, env={**server.environ, **plain})
    sent = received(server)
    # This is also what shows that every place where a secret is planted does reach the prompt.
    assert [where for where, canary in CANARIES.items() if canary not in sent] == []
    assert not re.search(r"<redacted:[a-z-]+-\d+>", sent.replace("<redacted:password-1>` stand for", ""))


def test_a_cloud_model_is_never_sent_the_plain_text_not_even_before_a_local_one(
    snapfix: Snapfix, project: Path
) -> None:
    text = crash(project, _files())
    with (
        provider("openai", fault=Fault.status(503)) as cloud,
        provider("ollama", answer=answer_with("x"), models=("qwen2.5-coder:7b",)) as local,
    ):
        env = {**cloud.environ, **local.environ, "SNAPFIX_REDACT_LOCAL": "false"}
        snapfix("--model", "openai", stdin=text, env=env)
    assert [where for where, canary in CANARIES.items() if canary in received(cloud)] == []
    assert CANARIES["a line of the traceback"] in received(local)


def test_a_project_cannot_switch_redaction_off(snapfix: Snapfix, project: Path) -> None:
    (project / ".snapfix.toml").write_text("redact_local = false\n")
    text = crash(project, _files())
    with provider("ollama", answer=answer_with("x"), models=("codellama:7b",)) as server:
        done = snapfix("--model", "ollama/codellama:7b", stdin=text, env=server.environ)
    assert [where for where, canary in CANARIES.items() if canary in received(server)] == []
    assert "`redact_local`" in done.stderr
