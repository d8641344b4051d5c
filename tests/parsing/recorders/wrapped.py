"""What carries a program's output puts something around it: a prefix, quotation marks, another encoding, a cut.

Where a tool cannot run on every machine (a container runtime, a CI service), what it does to each line is done by
``prefix.py`` to the output of a program that really failed; the tool's documentation is named beside it.
"""

from __future__ import annotations

from dataclasses import replace

from tests.parsing.recorders.base import CAUSE, MEMBER, Case, Crash, Exc

SHOP = """\
import sys


def price(item):
    return item["price"]


def total(cart):
    try:
        return sum(price(item) for item in cart)
    except KeyError as error:
        raise ValueError(f"cannot add up {len(cart)} items:\\n  - naïve café <3 & more") from error


print("starting", file=sys.stderr)
total([{"price": 1}, {"name": "tea"}])
"""
GROUP = """\
def check(row):
    if row % 2:
        raise ValueError(f"row {row} is odd")


def check_all(rows):
    errors = []
    for row in rows:
        try:
            check(row)
        except ValueError as error:
            errors.append(error)
    raise ExceptionGroup("bad rows", errors)


check_all(range(1, 4))
"""
WORKER = """\
import time


def work(job):
    return 1 / job


print("worker: ready")
work(0)
"""
SHOP_JS = """\
function price(item) {
  return item.price.amount;
}

function total(cart) {
  return cart.map(price);
}

total([{ name: "tea" }]);
"""
SHOP_JAVA = """\
public class Shop {
    static int price(String item) {
        return Integer.parseInt(item);
    }

    static int total(String item) {
        try {
            return price(item);
        } catch (NumberFormatException error) {
            throw new IllegalStateException("cannot add up", error);
        }
    }

    public static void main(String[] arguments) {
        total("tea");
    }
}
"""
PREFIX = '''\
"""Put a prefix before every line of standard input; {time} and {seconds} are a clock that goes on, {n} counts."""

import datetime
import sys

template = sys.argv[1]
time = datetime.datetime(2026, 5, 1, 9, 59, 59, 960_123, datetime.timezone.utc)
for n, line in enumerate(sys.stdin.buffer, start=1):
    time += datetime.timedelta(milliseconds=7 + n % 3)
    prefix = template.format(n=n, time=time, seconds=time.timestamp() % 1000)
    sys.stdout.buffer.write(prefix.encode() + line)
'''
FILES = {"shop.py": SHOP, "group.py": GROUP, "worker.py": WORKER, "prefix.py": PREFIX}

CHAIN = Crash(
    (
        Exc("KeyError", "'price'", CAUSE, frames=3),
        Exc("ValueError", "cannot add up 2 items:\n  - naïve café <3 & more", frames=2),
    ),
    ("shop.py", 5, "price"),
)
GROUPED = Crash(
    (
        Exc("ExceptionGroup", "bad rows (2 sub-exceptions)", frames=2),
        Exc("ValueError", "row 1 is odd", MEMBER, frames=2),
        Exc("ValueError", "row 3 is odd", MEMBER, frames=2),
    ),
    ("group.py", 3, "check"),
)
WORKING = Crash((Exc("ZeroDivisionError", "division by zero", frames=2),), ("worker.py", 5, "work"))
KEY_ERROR, VALUE_ERROR = CHAIN.exceptions


def run(program: str, template: str) -> str:
    """Run a program, and put a prefix before every line of its output."""
    quoted = template.replace("'", "'\\''")
    return f"python {program} 2>&1 | python prefix.py '{quoted}'"


def both(name: str, source: str, template: str, before: str = "", after: str = "") -> Case:
    """A chain and a group, every line behind the prefix; other lines (for the shell to print) before and after."""
    lines = [f"printf '{before}'" if before else "", run("shop.py", template), run("group.py", template)]
    lines.append(f"printf '{after}'" if after else "")
    return Case(name, source, "; ".join(filter(None, lines)), (CHAIN, GROUPED), FILES)


def piped(name: str, source: str, command: str, *crashes: Crash, packages: tuple[str, ...] = ()) -> Case:
    """A command that runs the programs itself."""
    return Case(name, source, command, crashes or (CHAIN,), FILES, packages)


CONTAINERS = (
    # https://docs.docker.com/compose/releases/migrate/ : version 1 names `shop_web_1`, version 2 `shop-web-1`; the
    # names are padded to the longest.
    both(
        "compose-1",
        "docker-compose logs",
        "web_1      | ",
        "Attaching to shop_web_1, shop_database_1\\ndatabase_1 | LOG:  database system is ready\\n",
        "web_1      | exited with code 1\\nshop_web_1 exited with code 1\\n",
    ),
    both("compose-2", "docker compose logs", "shop-web-1  | ", after="shop-web-1 exited with code 1\\n"),
    both("compose-2-times", "docker compose logs --timestamps", "web-1  | {time:%Y-%m-%dT%H:%M:%S.%f}789Z "),
    # Colours are put around the name alone.
    both("compose-colour", "docker compose up", "\033[36mweb-1  | \033[0m"),
    Case(
        "compose-interleaved",
        "docker compose up",
        f"{run('shop.py', 'web-1       | ')} > a; {run('worker.py', 'worker-1    | ')} > b; "
        f"seq 40 | sed 's/.*/database-1  | 2026-05-01 10:00:00.000 UTC [31] LOG:  checkpoint &/' > c; "
        "paste -d '\\n' a b c | sed '/^$/d'",
        (CHAIN, WORKING),
        FILES,
    ),
    both("docker-times", "docker logs --timestamps", "{time:%Y-%m-%dT%H:%M:%S.%f}789Z "),
    # https://docs.docker.com/build/building/variables/ shows the progress of a build, `--progress plain`.
    both(
        "buildx",
        "docker buildx build --progress plain",
        "#12 0.{n:03} ",
        "#12 [5/6] RUN python shop.py\\n",
        '#12 ERROR: process "/bin/sh -c python shop.py" did not complete successfully: exit code: 1\\n',
    ),
    Case(
        "buildx-summary",
        "docker build",
        "python shop.py > out 2>&1; printf '#9 [5/5] RUN python shop.py\\n'; python prefix.py '#9 0.{n:03} ' < out; "
        "printf '#9 ERROR: exit code: 1\\n------\\n > [5/5] RUN python shop.py:\\n'; "
        "python prefix.py '0.{n:03} ' < out; "
        "printf -- '------\\nDockerfile:7\\n--------------------\\n   7 | >>> RUN python shop.py\\n'",
        (CHAIN, CHAIN),
        FILES,
    ),
    # https://kubernetes.io/docs/reference/kubectl/generated/kubectl_logs/
    both("kubectl-prefix", "kubectl logs --prefix", "[pod/shop-7d9f8b6c5-x2x9z/web] "),
    both("kubectl-times", "kubectl logs --timestamps", "{time:%Y-%m-%dT%H:%M:%S.%f}789Z "),
    both(
        "kubectl-both",
        "kubectl logs --prefix --timestamps",
        "[pod/shop-7d9f8b6c5-x2x9z/web] {time:%Y-%m-%dT%H:%M:%S.%f}789Z ",
    ),
    # https://github.com/stern/stern : pod, container, message.
    both("stern", "stern", "shop-7d9f8b6c5-x2x9z web "),
    # https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
    both("cri", "CRI log file", "{time:%Y-%m-%dT%H:%M:%S.%f}789Z stderr F "),
    Case(
        "cri-partial",
        "CRI log file",
        f"{run('shop.py', '{time:%Y-%m-%dT%H:%M:%S.%f}789Z stderr F ')} | python split.py",
        (CHAIN,),
        {
            **FILES,
            "split.py": """\
import sys

for line in sys.stdin:
    time, stream, _, text = line.rstrip("\\n").split(" ", 3)
    while len(text) > 50:
        print(time, stream, "P", text[:50])
        text = text[50:]
    print(time, stream, "F", text)
""",
        },
    ),
)

CI = (
    # https://docs.github.com/en/actions/monitoring-and-troubleshooting-workflows : the raw log.
    both(
        "github-actions",
        "GitHub Actions",
        "{time:%Y-%m-%dT%H:%M:%S.%f}7Z ",
        "\\357\\273\\2772026-05-01T09:59:58.1234567Z ##[group]Run python shop.py\\n"
        "2026-05-01T09:59:58.1234568Z \\033[36;1mpython shop.py\\033[0m\\n2026-05-01T09:59:58.1234569Z ##[endgroup]\\n",
        "2026-05-01T10:00:01.1234567Z ##[error]Process completed with exit code 1.\\n",
    ),
    # https://cli.github.com/manual/gh_run_view : job, step, the raw log's line.
    both("gh-run-view", "gh run view --log", "test (3.12)\tRun python shop.py\t{time:%Y-%m-%dT%H:%M:%S.%f}7Z "),
    # https://docs.gitlab.com/ci/jobs/job_logs/
    both(
        "gitlab",
        "GitLab CI",
        "",
        "section_start:1777629600:step_script\\r\\033[0K\\033[0KExecuting step_script\\n"
        "\\033[32;1m$ python shop.py\\033[0;m\\n",
        "section_end:1777629601:step_script\\r\\033[0K\\n\\033[31;1mERROR: Job failed: exit code 1\\033[0;m\\n",
    ),
    both("gitlab-times", "GitLab CI", "{time:%Y-%m-%dT%H:%M:%S.%f}Z 01E "),
    # https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands : `failOnStderr`.
    both(
        "azure-pipelines",
        "Azure Pipelines",
        "{time:%Y-%m-%dT%H:%M:%S.%f}7Z ",
        "2026-05-01T09:59:58.1234567Z ##[section]Starting: CmdLine\\n",
        "2026-05-01T10:00:01.1234567Z ##[error]Bash exited with code '\\''1'\\''.\\n",
    ),
    both("azure-pipelines-error", "Azure Pipelines", "{time:%Y-%m-%dT%H:%M:%S.%f}7Z ##[error]"),
    # https://plugins.jenkins.io/timestamper/
    both("jenkins", "Jenkins", "[{time:%Y-%m-%dT%H:%M:%S}.{n:03}Z] "),
    both("jenkins-clock", "Jenkins", "{time:%H:%M:%S}  "),
    both("jenkins-parallel", "Jenkins", "[{time:%Y-%m-%dT%H:%M:%S}.{n:03}Z] [unit tests] "),
    both("buildkite", "Buildkite", "\033_bk;t=17776296{n:05}\007"),
    both("xdist", "pytest-xdist", "[gw0] "),
    both("teamcity", "TeamCity", "[{time:%H:%M:%S}]W:\t [Step 2/3] "),
)

SYSLOG = (
    both("syslog-3164", "syslog (RFC 3164)", "{time:%b %d %H:%M:%S} ada-laptop shop[812]: "),
    both("syslog-3164-raw", "syslog (RFC 3164)", "<11>{time:%b %d %H:%M:%S} ada-laptop shop[812]: "),
    both("syslog-5424", "syslog (RFC 5424)", "<11>1 {time:%Y-%m-%dT%H:%M:%S.%f}Z ada-laptop shop 812 - - "),
    both(
        "syslog-5424-data",
        "syslog (RFC 5424)",
        '<11>1 {time:%Y-%m-%dT%H:%M:%S.%f}+02:00 ada-laptop shop 812 ID47 [timeQuality tzKnown="1" isSynced="1"] ',
    ),
    # https://www.freedesktop.org/software/systemd/man/journalctl.html : `--output`.
    both(
        "journal-short",
        "journalctl",
        "{time:%b %d %H:%M:%S} ada-laptop python3.12[812]: ",
        "May 01 09:59:58 ada-laptop systemd[1]: Started shop.service - The shop.\\n",
        "May 01 10:00:01 ada-laptop systemd[1]: shop.service: Main process exited, code=exited, status=1/FAILURE\\n"
        "May 01 10:00:01 ada-laptop systemd[1]: shop.service: Failed with result '\\''exit-code'\\''.\\n",
    ),
    both("journal-iso", "journalctl -o short-iso", "{time:%Y-%m-%dT%H:%M:%S}+02:00 ada-laptop python[812]: "),
    both("journal-precise", "journalctl -o short-precise", "{time:%b %d %H:%M:%S.%f} ada-laptop python[812]: "),
    both("journal-monotonic", "journalctl -o short-monotonic", "[{seconds:12.6f}] ada-laptop python[812]: "),
    both("journal-unix", "journalctl -o short-unix", "1777629{seconds:010.6f} ada-laptop python[812]: "),
    both("journal-full", "journalctl -o short-full", "{time:%a %Y-%m-%d %H:%M:%S} UTC ada-laptop python[812]: "),
    both("journal-unit", "journalctl -o with-unit", "{time:%a %Y-%m-%d %H:%M:%S} UTC ada-laptop shop.service[812]: "),
    both("journal-cat", "journalctl -o cat", "", "Started shop.service.\\n", "shop.service: Failed.\\n"),
    both("dmesg", "dmesg", "[{seconds:12.6f}] shop[812]: "),
    both("dmesg-human", "dmesg -T", "[{time:%a %b %d %H:%M:%S %Y}] shop[812]: "),
)

SUPERVISORS = (
    # https://devcenter.heroku.com/articles/logging
    both("heroku", "heroku logs", "{time:%Y-%m-%dT%H:%M:%S.%f}+00:00 app[web.1]: "),
    both("fly", "fly logs", "{time:%Y-%m-%dT%H:%M:%S}Z app[148e2d] ams [info]"),
    both("cloudwatch", "aws logs tail", "{time:%Y-%m-%dT%H:%M:%S.%f}+00:00 2026/05/01/[$LATEST]8a1b2c3d "),
    # https://pm2.keymetrics.io/docs/usage/log-management/
    both("pm2", "pm2 logs", "0|shop     | "),
    both("pm2-times", "pm2 logs --time", "0|shop     | {time:%Y-%m-%dT%H:%M:%S}: "),
    both("concurrently", "concurrently", "[web] "),
    both("concurrently-number", "concurrently", "[0] "),
    both("turborepo", "turbo run", "shop:test: "),
    both("pnpm", "pnpm -r run", "packages/shop test: "),
    both("parallel", "parallel --tag", "shop.py\t"),
    both("vagrant", "vagrant up", "==> default: "),
    both("logcat", "adb logcat", "{time:%m-%d %H:%M:%S}.{n:03}  812  845 W python.stderr: "),
    both("constant", "a logger of one's own", "{time:%Y-%m-%d %H:%M:%S},{n:03} ERROR    shop.web: "),
    both("constant-short", "a logger of one's own", "{time:%H:%M:%S} ERROR "),
    both("constant-celery", "Celery's worker", "[{time:%Y-%m-%d %H:%M:%S},{n:03}: WARNING/ForkPoolWorker-1] "),
    both("constant-level", "a logger of one's own", "ERROR:shop:"),
    both("constant-brackets", "a logger of one's own", "[{time:%d/%b/%Y:%H:%M:%S +0000}] [error] [pid 812] "),
    both("mod-wsgi", "Apache", "[{time:%a %b %d %H:%M:%S.%f %Y}] [wsgi:error] [pid 812:tid 1404] [remote 10.0.0.1:5] "),
)


TOOLS = (
    piped("ts", "ts", "python shop.py 2>&1 | ts"),
    piped("ts-elapsed", "ts -s", "python shop.py 2>&1 | ts -s '%.s'"),
    piped("ts-format", "ts", "python shop.py 2>&1 | ts '[%Y-%m-%d %H:%M:%.S]'"),
    piped("logger", "logger -s", "python shop.py 2>&1 | logger --no-act --stderr --socket-errors=off --id --tag shop"),
    piped("cat-n", "cat -n", "python shop.py 2>&1 | cat -n"),
    piped("grep-n", "grep -n -A", "python shop.py > log 2>&1; seq 9 >> log; grep -n -A 22 -m 1 Traceback log"),
    piped("grep-r", "grep -H -A", "python shop.py > shop.log 2>&1; grep -H -A 22 -m 1 Traceback shop.log"),
    piped("grep-rn", "grep -Hn -A", "python shop.py > shop.log 2>&1; grep -Hn -A 22 -m 1 Traceback shop.log"),
    Case(
        "honcho",
        "honcho",
        "honcho start; true",
        (CHAIN, WORKING),
        {
            **FILES,
            "Procfile": "web: python shop.py; sleep 1\nworker: sleep 0.2; python worker.py; sleep 1\n"
            "clock: for i in 1 2 3 4 5 6 7 8 9; do echo tick $i; sleep 0.04; done; sleep 1\n",
        },
        ("honcho==2.0.0",),
    ),
    Case(
        "supervisor",
        "supervisord",
        "timeout 3 supervisord --nodaemon --configuration supervisord.conf; true",
        (CHAIN,),
        {
            **FILES,
            "supervisord.conf": """\
[supervisord]
loglevel=debug
logfile=/dev/null
logfile_maxbytes=0

[program:shop]
command=python shop.py
startsecs=0
autorestart=false
""",
        },
        ("supervisor==4.3.0", "setuptools<81"),
    ),
)


def pasted(name: str, source: str, before: str, after: str, change: str = "cat", *more: Crash) -> Case:
    """A chain in a document: lines (for the shell to print) before and after it, and what is done to its own."""
    command = f"printf -- '{before}'; python shop.py 2>&1 | tail -n +2 | {change}; printf -- '{after}'"
    return Case(name, source, command, (CHAIN, *more), FILES)


DOCUMENTS = (
    pasted("fence", "Markdown", "It fails:\\n\\n```\\n", "```\\n\\nWhat is wrong?\\n"),
    pasted("fence-language", "Markdown", "```python\\nrun()\\n```\\n\\n```pytb\\n", "```\\nWhat is wrong?\\n"),
    pasted("fence-tildes", "Markdown", "~~~text\\n$ python shop.py\\n", "~~~\\nWhat is wrong?\\n"),
    pasted("fence-list", "Markdown", "1. Run it:\\n   ```\\n", "   ```\\n2. See.\\n", "sed 's/^/   /'"),
    pasted("fence-quoted", "Markdown", "> ```\\n", "> ```\\n> What is wrong?\\nEverything.\\n", "sed 's/^/> /'"),
    pasted("jira-code", "Jira", "h2. Log\\n{code:python}\\n", "{code}\\nWhat is wrong?\\n"),
    pasted("jira-noformat", "Jira", "{noformat}\\n", "{noformat}\\nWhat is wrong?\\n"),
    pasted("mail", "e-mail", "Ada wrote:\\n> It fails:\\n", "\\nWhat is wrong?\\n", "sed 's/^/> /'"),
    pasted("mail-twice", "e-mail", ">> It fails:\\n", "> Really?\\nYes.\\n", "sed 's/^/>> /'"),
    pasted("mail-spaced", "e-mail", "> > It fails:\\n", "> Really?\\nYes.\\n", "sed 's/^/> > /'"),
    pasted("mail-bare", "e-mail", "", "\\nYes.\\n", "sed 's/^/>/'"),
    pasted("mail-trailing", "e-mail", "", "\\nYes.\\n", "sed 's/^/> /; s/ *$//'"),
    pasted("bar", "a quotation", "", "", "sed 's/^/| /'"),
    pasted("indented", "pasted", "It fails::\\n\\n", "\\nWhat is wrong?\\n", "sed 's/^/    /'"),
    pasted("indented-trailing", "pasted", "It fails::\\n\\n", "\\nWhat?\\n", "sed 's/^/    /; s/ *$//'"),
    pasted("indented-tab", "pasted", "It fails::\\n\\n", "\\nWhat is wrong?\\n", "sed 's/^/\\t/'"),
    pasted("bullet", "Markdown", "", "- What is wrong?\\n", "sed '1s/^/- /; 1!s/^/  /'"),
    pasted("bullet-numbered", "Markdown", "", "2. What is wrong?\\n", "sed '1s/^/1. /; 1!s/^/   /'"),
    pasted("comment", "source code", "", "", "sed 's/^/# /; s/ *$//'"),
    pasted(
        "html",
        "HTML",
        "<h1>It fails</h1>\\n<pre>",
        "</pre>\\n<p>What is wrong?</p>\\n",
        "python -c 'import html, sys; print(html.escape(sys.stdin.read()), end=str())'",
    ),
    pasted(
        "html-entities",
        "HTML",
        '<pre class="log">\\n',
        "</pre>\\n<p>What is wrong?</p>\\n",
        "sed 's/&/\\&amp;/g; s/</\\&lt;/g; s/>/\\&gt;/g; s/\"/\\&#34;/g'",
    ),
    pasted("blanks-fixed", "Slack", "", "", "sed 's/^  */&\\n/; :a; s/ \\(.*\\n\\)/\\o302\\o240\\1/; ta; s/\\n//'"),
    pasted("blanks-mixed", "Outlook", "", "", "sed 's/^  /\\o302\\o240 /; s/^\\(\\o302\\o240 \\)  /\\1\\o302\\o240 /'"),
    pasted("quotes-smart", "a word processor", "", "", 'sed \'s/File "\\([^"]*\\)"/File “\\1”/\''),
    pasted(
        "powershell-list",
        "Get-WinEvent | Format-List",
        "TimeCreated  : 01/05/2026 10:00:00\\nProviderName : shop\\nId           : 0\\n",
        "\\nTimeCreated  : 01/05/2026 10:00:01\\n",
        "sed '1s/^/Message      : /; 1!s/^/               /'",
    ),
)

# The recorder cannot see in other encodings where it is.
RECODED = "python shop.py 2>&1 | sed \"s#$PWD#/home/ada/shop#\" | sed 's/$/\\r/' | iconv -f utf-8 -t"
ENCODINGS = (
    piped("utf-16-le", "PowerShell's >", f"{RECODED} utf-16le"),
    piped("utf-16-be", "UTF-16", f"{RECODED} utf-16be"),
    piped("utf-16-le-mark", "PowerShell's >", f"printf '\\377\\376'; {RECODED} utf-16le"),
    piped("utf-16-be-mark", "UTF-16", f"printf '\\376\\377'; {RECODED} utf-16be"),
    piped("utf-8-mark", "Notepad", "printf '\\357\\273\\277'; python shop.py 2>&1 | tail -n +2"),
    piped("crlf", "Windows", "python shop.py 2>&1 | sed 's/$/\\r/'"),
    piped("cr", "old Mac OS", "python shop.py 2>&1 | tr '\\n' '\\r'"),
    piped("nul-padding", "a log that was emptied", "head -c 5000 /dev/zero; python shop.py 2>&1"),
    piped(
        "latin-1",
        "Latin-1",
        "python shop.py 2>&1 | iconv -f utf-8 -t latin1",
        replace(
            CHAIN,
            exceptions=(
                CHAIN.exceptions[0],
                Exc("ValueError", "cannot add up 2 items:\n  - na\ufffdve caf\ufffd <3 & more", frames=2),
            ),
        ),
    ),
    Case(
        "latin-1-name",
        "an undecodable file name",
        "cp worker.py \"$(printf 'w\\366rker.py')\"; python \"$(printf 'w\\366rker.py')\" 2>&1",
        (replace(WORKING, own=("udcf6rker.py", 5, "work")),),
        FILES,
        environment={"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"},
    ),
    piped(
        "colours",
        "ANSI colours",
        "python shop.py 2>&1 | sed 's/KeyError\\|ValueError/\\o33[1;35m&\\o33[0m/; s/line [0-9]*/\\o33[35m&\\o33[0m/; "
        "s/^  File/\\o33[2K&/; s/$/\\o33[K/'",
    ),
)

MIXED = (
    Case(
        "interleaved-three",
        "three containers",
        f"{run('shop.py', '[web] ')} > a; {run('worker.py', '[worker] ')} > b; {run('group.py', '[check] ')} > c; "
        "paste -d '\\n' a b c | sed '/^$/d'",
        (GROUPED, CHAIN, WORKING),
        FILES,
    ),
    Case(
        "interleaved-times",
        "two pods",
        f"{run('shop.py', '[pod/shop-1/web] {time:%Y-%m-%dT%H:%M:%S.%f}789Z ')} > a; "
        f"{run('shop.py', '[pod/shop-2/web] {time:%Y-%m-%dT%H:%M:%S.%f}789Z ')} > b; paste -d '\\n' a b",
        (CHAIN, CHAIN),
        FILES,
    ),
    Case(
        "interleaved-syslog",
        "syslog (RFC 3164)",
        f"{run('shop.py', '{time:%b %d %H:%M:%S} ada-laptop shop[812]: ')} > a; "
        f"{run('worker.py', '{time:%b %d %H:%M:%S} ada-laptop worker[77]: ')} > b; "
        f"seq 40 | sed 's/^/tick /' | python prefix.py '{{time:%b %d %H:%M:%S}} ada-laptop CRON[9]: ' > c; "
        "paste -d '\\n' c a b | sed '/^$/d'",
        (CHAIN, WORKING),
        FILES,
    ),
    # Nothing tells whose a line is: the first of the two exceptions is read, and what is not known is said.
    Case(
        "interleaved-threads",
        "two threads of a container",
        f"{run('shop.py', 'web-1  | ')} | tail -n +2 > a; {run('worker.py', 'web-1  | ')} | tail -n +2 > b; "
        "paste -d '\\n' a b | sed '/^$/d'",
        (
            Crash(
                (replace(KEY_ERROR, frames=5), VALUE_ERROR),
                CHAIN.own,
                missing=("whose frames these are",),
            ),
        ),
        FILES,
    ),
)


def broken_off(line: int) -> Crash:
    """A traceback of one frame that breaks off before its exception."""
    return Crash((Exc("", "", frames=1),), ("shop.py", 10, "total"), missing=(f"breaks off after line {line}",))


def cut(name: str, program: str, kept: str, *crashes: Crash) -> Case:
    """What ``head`` and ``tail`` leave of the program's output."""
    top = "its top" if kept.startswith("tail") else "its bottom"
    return Case(f"cut-{name}", f"cut off at {top}", f"python {program} 2>&1 | {kept}", crashes, FILES)


ABOVE = ("what stood above line",)
ODD_1 = Exc("ValueError", "row 1 is odd", frames=2)
ODD_3 = Exc("ValueError", "row 3 is odd", frames=2)
# The recorder cannot see in broken lines where it is.
NARROW = 'python shop.py 2>&1 | tail -n +2 | sed "s#$PWD#/home/ada/shop#" | fold -w 46'
CUT = (
    piped("terminal-wrapped", "a narrow terminal", NARROW),
    cut("top-frame", "shop.py", "tail -n +3", replace(CHAIN, missing=ABOVE)),
    cut(
        "top-code",
        "shop.py",
        "tail -n +4",
        replace(CHAIN, exceptions=(replace(KEY_ERROR, frames=2), VALUE_ERROR), missing=ABOVE),
    ),
    cut(
        "top-carets",
        "shop.py",
        "tail -n +8",
        replace(CHAIN, exceptions=(replace(KEY_ERROR, frames=1), VALUE_ERROR), missing=ABOVE),
    ),
    cut(
        "top-type",
        "shop.py",
        "tail -n +12",
        replace(CHAIN, exceptions=(replace(KEY_ERROR, frames=0), VALUE_ERROR), own=("shop.py", 12, "total")),
    ),
    cut(
        "top-separator",
        "shop.py",
        "tail -n +14",
        Crash((replace(VALUE_ERROR, frames=2),), ("shop.py", 12, "total"), missing=ABOVE),
    ),
    cut("top-second", "shop.py", "tail -n +16", Crash((replace(VALUE_ERROR, frames=2),), ("shop.py", 12, "total"))),
    cut("top-group", "group.py", "tail -n +2", replace(GROUPED, missing=ABOVE)),
    cut(
        "top-member",
        "group.py",
        "tail -n +9",
        Crash((ODD_1,), ("group.py", 3, "check"), missing=ABOVE),
        Crash((ODD_3,), ("group.py", 3, "check"), missing=ABOVE),
    ),
    cut("bottom-header", "shop.py", "head -n 2"),
    cut("bottom-frame", "shop.py", "head -n 3", broken_off(3)),
    cut("bottom-code", "shop.py", "head -n 4", broken_off(4)),
    cut("bottom-carets", "shop.py", "head -n 5", broken_off(5)),
    cut("bottom-type", "shop.py", "head -n 12", Crash((replace(KEY_ERROR, relation=None),), CHAIN.own)),
    cut(
        "bottom-separator",
        "shop.py",
        "head -n 14",
        Crash((replace(KEY_ERROR, relation=None),), CHAIN.own, missing=("the exception after line 12",)),
    ),
    cut(
        "bottom-second",
        "shop.py",
        "head -n 16",
        Crash((replace(KEY_ERROR, relation=None),), CHAIN.own, missing=("the exception after line 12",)),
    ),
    cut(
        "bottom-chain",
        "shop.py",
        "head -n 18",
        Crash(
            (KEY_ERROR, Exc("", "", frames=1)),
            CHAIN.own,
            missing=("the exception itself: the traceback breaks off after line 18",),
        ),
    ),
    cut(
        "bottom-group",
        "group.py",
        "head -n 6",
        Crash(
            (Exc("ExceptionGroup", "bad rows (2 sub-exceptions)", frames=2),),
            ("group.py", 13, "check_all"),
            missing=("the end of the group",),
        ),
    ),
    cut(
        "bottom-member",
        "group.py",
        "head -n 13",
        replace(GROUPED, exceptions=GROUPED.exceptions[:2], missing=("the end of the group",)),
    ),
)

JS = Crash(
    (Exc("TypeError", "Cannot read properties of undefined (reading 'amount')", frames=10),),
    ("shop.js", 2, "price"),
    language="javascript",
    format="node",
)
JAVA = Crash(
    (
        Exc("java.lang.NumberFormatException", 'For input string: "tea"', CAUSE),
        Exc("java.lang.IllegalStateException", "cannot add up"),
    ),
    ("Shop.java", 3, "Shop.price"),
    language="java",
    format="java",
)


def foreign(name: str, source: str, template: str) -> tuple[Case, Case]:
    """The same of a Node.js and a Java program."""
    node = f"node shop.js 2>&1 | python prefix.py '{template}'"
    java = f"javac Shop.java && java Shop 2>&1 | python prefix.py '{template}'"
    return (
        Case(f"{name}-node", source, node, (JS,), {"shop.js": SHOP_JS, "prefix.py": PREFIX}),
        Case(f"{name}-java", source, java, (JAVA,), {"Shop.java": SHOP_JAVA, "prefix.py": PREFIX}),
    )


FOREIGN = (
    *foreign("compose", "docker compose logs", "web-1  | "),
    *foreign("kubectl-times", "kubectl logs --timestamps", "{time:%Y-%m-%dT%H:%M:%S.%f}789Z "),
    *foreign("cri", "CRI log file", "{time:%Y-%m-%dT%H:%M:%S.%f}789Z stderr F "),
    *foreign("github-actions", "GitHub Actions", "{time:%Y-%m-%dT%H:%M:%S.%f}7Z "),
    *foreign("journal-short", "journalctl", "{time:%b %d %H:%M:%S} ada-laptop shop[812]: "),
    *foreign("mail", "e-mail", "> "),
    *foreign("indented", "pasted", "    "),
)

CASES: tuple[Case, ...] = (
    *(*CONTAINERS, *CI, *SYSLOG, *SUPERVISORS, *TOOLS),
    *(*DOCUMENTS, *ENCODINGS, *MIXED, *CUT, *FOREIGN),
)
