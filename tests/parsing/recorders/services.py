"""Python programs in production: threads and processes, web servers, workers, loggers, and interpreters that died."""

from __future__ import annotations

from tests.parsing.recorders.base import CAUSE, CONTEXT, MEMBER, Case, Crash, Exc

SHOP = '''\
"""A shop whose carts may lack a price."""


def price(item):
    return item["price"]


def total(cart):
    return price(cart[0])


def checkout(cart):
    try:
        return total(cart)
    except KeyError as error:
        raise ValueError("the cart is broken:\\n  no price for “Käse”") from error
'''
BROKEN = "the cart is broken:\n  no price for “Käse”"
PRICE = ("shop.py", 5, "price")

WEB = ("celery", "django", "fastapi", "flask", "gunicorn", "httpx", "uvicorn")
LOGGERS = ("ecs-logging", "opentelemetry-sdk", "python-json-logger", "sentry-sdk", "structlog")
LIBRARIES = ("anyio", "apscheduler<4", "pydantic==2.14.*", "requests", "sqlalchemy==2.1.*", "trio")


def line_of(program: str, code: str) -> int:
    """The number of the first line with this code."""
    return next(number for number, line in enumerate(program.splitlines(), start=1) if code in line)


def checkout_crash(*, above: int | None = None, layout: str = "cpython", **stated: object) -> Crash:
    """What ``checkout`` raises, called through ``above`` other frames."""
    cause = Exc("KeyError", "'price'", CAUSE, frames=3)
    reported = Exc("ValueError", BROKEN, frames=None if above is None else above + 1)
    return Crash((cause, reported), PRICE, format=layout, **stated)  # type: ignore[arg-type]


def price_crash(*, above: int | None = None, layout: str = "cpython", **stated: object) -> Crash:
    """What ``total`` raises, called through ``above`` other frames."""
    exception = Exc("KeyError", "'price'", frames=None if above is None else above + 2)
    return Crash((exception,), PRICE, format=layout, **stated)  # type: ignore[arg-type]


THREADS = """\
import threading
from concurrent.futures import ThreadPoolExecutor

import shop


class Worker(threading.Thread):
    def run(self):
        shop.total([{}])


first = threading.Thread(target=shop.checkout, args=([{}],), name="worker-1")
first.start()
first.join()
second = Worker()
second.start()
second.join()
with ThreadPoolExecutor(1) as pool:
    pool.submit(shop.total, [{}]).result()
"""

IGNORED = """\
import gc
import weakref

import shop


class Cart:
    def __del__(self):
        shop.checkout([{}])


def closing():
    try:
        yield
    finally:
        shop.total([{}])


class Loop:
    pass


cart = Cart()
del cart
generator = closing()
next(generator)
del generator
loop = Loop()
reference = weakref.ref(loop, lambda _: shop.total([{}]))
del loop
gc.collect()
print("goes on")
"""

TASKS = """\
import asyncio
import gc

import shop


async def sell():
    shop.checkout([{}])


async def main():
    task = asyncio.create_task(sell(), name="sell-1")
    await asyncio.sleep(0.01)
    del task
    gc.collect()
    asyncio.get_running_loop().call_soon(shop.total, [{}])
    await asyncio.sleep(0.01)
    future = asyncio.get_running_loop().create_future()
    future.set_exception(LookupError("nobody waits"))


asyncio.run(main())
"""

PROCESSES = """\
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

import shop

if __name__ == "__main__":
    how = multiprocessing.get_context(sys.argv[1])
    process = how.Process(target=shop.checkout, args=([{}],))
    process.start()
    process.join()
    with how.Pool(1) as pool:
        try:
            pool.map(shop.checkout, [[{}]])
        except ValueError:
            import traceback

            traceback.print_exc()
    with ProcessPoolExecutor(1, mp_context=how) as pool:
        pool.submit(shop.total, [{}]).result()
"""

REMOTE_CHECKOUT = Crash(
    (
        Exc("KeyError", "'price'", CAUSE, frames=3),
        Exc("ValueError", BROKEN, CAUSE),
        Exc("multiprocessing.pool.RemoteTraceback", "", CAUSE, frames=0),
        Exc("ValueError", BROKEN, frames=3),
    ),
    PRICE,
)
REMOTE_TOTAL = Crash(
    (
        Exc("KeyError", "'price'", CAUSE, frames=3),
        Exc("concurrent.futures.process._RemoteTraceback", "", CAUSE, frames=0),
        Exc("KeyError", "'price'", frames=3),
    ),
    PRICE,
)

GROUPS = """\
import sys

import shop

ITEMS = {}


async def sell(name):
    if name == "beer":
        raise LookupError("no beer")
    shop.checkout([ITEMS])


async def main_asyncio():
    import asyncio

    async with asyncio.TaskGroup() as group:
        group.create_task(sell("cheese"))
        group.create_task(sell("beer"))


async def main_anyio():
    import anyio

    async with anyio.create_task_group() as group:
        group.start_soon(sell, "cheese")
        group.start_soon(sell, "beer")


async def main_trio():
    import trio
    from trio._core import _run

    # The order in which tasks run is random on purpose.
    _run._ALLOW_DETERMINISTIC_SCHEDULING = True
    _run._r.seed(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(sell, "cheese")
        nursery.start_soon(sell, "beer")


library = sys.argv[1]
main = globals()[f"main_{library}"]
run = __import__(library).run
run(main() if library == "asyncio" else main)
"""


def group_crash(message: str, *, above: int = 0) -> Crash:
    """The two tasks of ``GROUPS``, each called through ``above`` frames of the library."""
    return Crash(
        (
            Exc("ExceptionGroup", message),
            Exc("KeyError", "'price'", CAUSE, frames=3),
            Exc("ValueError", BROKEN, MEMBER, frames=above + 2),
            Exc("LookupError", "no beer", MEMBER, frames=above + 1),
        ),
        PRICE,
    )


SETUP = """\
import sys

from setuptools import setup

sys.path.append("..")
import shop

shop.total([{}])
setup(name="cheese", version="1")
"""
PACKAGE = {"shop.py": SHOP, "cheese/setup.py": SETUP}

DJANGO = {
    "shop.py": SHOP,
    "manage.py": """\
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.management import execute_from_command_line

execute_from_command_line(sys.argv)
""",
    "settings.py": """\
SECRET_KEY = "not-a-secret"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["sales"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"full": {"format": "[%(asctime)s] %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "full"}},
    "root": {"handlers": ["console"]},
}
""",
    "urls.py": """\
from django.urls import path

import shop


def buy(request):
    shop.checkout([{}])


urlpatterns = [path("buy/", buy)]
""",
    "sales/__init__.py": "",
    "sales/management/__init__.py": "",
    "sales/management/commands/__init__.py": "",
    "sales/management/commands/close.py": """\
from django.core.management.base import BaseCommand

import shop


class Command(BaseCommand):
    def handle(self, *args, **options):
        shop.total([{}])
""",
    "sales/management/commands/query.py": """\
from django.core.management.base import BaseCommand
from django.db import connection


class Command(BaseCommand):
    def handle(self, *args, **options):
        connection.cursor().execute("select price from cheese")
""",
    "client.py": """\
import os

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
import django
from django.test import Client

django.setup()
print(Client(raise_request_exception=False).get("/buy/").status_code)
print(Client(raise_request_exception=False).get("/nothing/").status_code)
Client().get("/buy/")
""",
}

FLASK = """\
import sys
import threading
import urllib.request

from flask import Flask

import shop

app = Flask(__name__)


@app.get("/buy")
def buy():
    return shop.checkout([{}])


if sys.argv[1:] == ["serve"]:
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for path in ("buy", "nothing", "buy"):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/{path}")
        except OSError as error:
            print(error, flush=True)
else:
    print(app.test_client().get("/buy").status)
"""
DEBUGGED = """\
import threading
import urllib.request

from flask_app import app
from werkzeug.serving import make_server

app.debug = True
server = make_server("127.0.0.1", 0, app)
threading.Thread(target=server.serve_forever, daemon=True).start()
try:
    urllib.request.urlopen(f"http://127.0.0.1:{server.port}/buy")
except OSError as error:
    print(error, flush=True)
"""

FASTAPI = """\
import asyncio
import threading
import time
import urllib.request
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

import shop


@asynccontextmanager
async def lifespan(app):
    if app.title == "broken":
        shop.total([{}])
    yield


def application(title):
    app = FastAPI(title=title, lifespan=lifespan)

    @app.middleware("http")
    async def passing(request, call_next):
        return await call_next(request)

    @app.get("/buy")
    def buy():
        return shop.checkout([{}])

    @app.get("/together")
    async def together():
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.to_thread(shop.checkout, [{}]))

    return app


def serve(title):
    server = uvicorn.Server(uvicorn.Config(application(title), port=8471))
    threading.Thread(target=server.run, daemon=True).start()
    for _ in range(100):
        if server.started or server.should_exit:
            break
        time.sleep(0.05)
    for path in ("buy", "nothing", "together") if server.started else ():
        try:
            urllib.request.urlopen(f"http://127.0.0.1:8471/{path}")
        except OSError as error:
            print(error, flush=True)
    server.should_exit = True
    time.sleep(0.5)


serve("shop")
serve("broken")
"""

WSGI = """\
import shop


def app(environ, start_response):
    return [str(shop.checkout([{}]))]
"""
GUNICORN = """\
gunicorn --bind 127.0.0.1:8473 --workers 1 wsgi:app & server=$!
python -c '
import time, urllib.request
for _ in range(100):
    try:
        urllib.request.urlopen("http://127.0.0.1:8473/")
    except urllib.error.HTTPError:
        break
    except OSError:
        time.sleep(0.05)
'
kill $server; wait $server
"""

CELERY = """\
import logging
import sys

from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.exceptions import Retry

import shop

app = Celery("shop", broker="memory://", backend="cache+memory://")


@app.task
def price(cart):
    return shop.total(cart)


@app.task(bind=True, max_retries=1, default_retry_delay=0)
def checkout(self, cart):
    try:
        return shop.checkout(cart)
    except ValueError as error:
        raise self.retry(exc=error)


logging.basicConfig(
    level=logging.INFO, format="[%(asctime)s: %(levelname)s/%(processName)s] %(message)s", stream=sys.stderr
)
with start_worker(app, perform_ping_check=False, pool="solo"):
    for task in (price, checkout):
        task.delay([{}]).get(propagate=False, timeout=20)
"""

LOGGING = r"""
import logging
import sys

import shop

FORMATS = {
    "default": None,
    "full": "%(asctime)s %(levelname)-8s [%(name)s] %(filename)s:%(lineno)d %(message)s",
    "short": "%(levelname)s %(message)s",
    "brackets": "[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s",
}


class EveryLine(logging.StreamHandler):
    def format(self, record):
        prefix = f"{self.formatTime()} {record.levelname} shop[{record.process}]: "
        return "\n".join(prefix + line for line in super().format(record).split("\n"))

    def formatTime(self):
        return "2024-05-01T10:00:00.123Z"


if sys.argv[1] == "every_line":
    logging.basicConfig(level=logging.INFO, handlers=[EveryLine()])
else:
    logging.basicConfig(level=logging.INFO, format=FORMATS[sys.argv[1]])
logger = logging.getLogger("shop.sales")
logger.info("before")
try:
    shop.checkout([{}])
except ValueError:
    logger.exception("checkout of %s failed", ["a", "b"])
logger.warning("between", stack_info=True)
try:
    shop.total([{}])
except KeyError as error:
    logger.error("total failed: %s", error, exc_info=error)
logger.info("after")
""".lstrip()

JSON_LOGGERS = r"""
import json
import logging
import subprocess
import sys
import traceback

import shop


def crash(report):
    for function in (shop.checkout, shop.total):
        try:
            function([{}])
        except Exception as error:
            report(error)


def python_json_logger():
    from pythonjsonlogger.json import JsonFormatter

    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    logging.info("it's \"quoted\"")
    crash(lambda error: logging.exception("it's broken: %s", error))


def structlog_with(*processors):
    import structlog

    structlog.configure(processors=[structlog.processors.TimeStamper(fmt="iso"), *processors])
    structlog.get_logger().info("it's fine")
    crash(lambda error: structlog.get_logger().exception("failed", cart="it's mine"))


def structlog_json():
    import structlog

    structlog_with(structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False))


def structlog_dicts():
    import structlog

    structlog_with(structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer())


def structlog_groups():
    import structlog

    def group():
        errors = []
        crash(errors.append)
        raise ExceptionGroup("carts", errors)

    transformer = structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=4)
    renderer = structlog.processors.JSONRenderer(sort_keys=True)
    structlog.configure(processors=[structlog.processors.ExceptionRenderer(transformer), renderer])

    def deep(depth):
        if depth == 0:
            error = ValueError("ä\n\tb")
            error.add_note("first note")
            error.add_note("second note\nof two lines")
            raise error
        deep(depth - 1)

    for function, *arguments in ((group,), (deep, 20), (compile, "def f(:", "rule.py", "exec")):
        try:
            function(*arguments)
        except Exception:
            structlog.get_logger().exception("failed")


def structlog_logfmt():
    import structlog

    structlog_with(structlog.processors.format_exc_info, structlog.processors.LogfmtRenderer(bool_as_flag=False))


def structlog_key_value():
    import structlog

    structlog_with(structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer())


def ecs():
    import ecs_logging

    handler = logging.StreamHandler()
    handler.setFormatter(ecs_logging.StdlibFormatter())
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    crash(lambda error: logging.exception("failed"))


def gelf():
    def report(error):
        full = "".join(traceback.format_exception(error))
        record = {"version": "1.1", "host": "shop-1", "short_message": f"it's {error!r}", "full_message": full}
        print(json.dumps(record | {"level": 3, "_process": 812}))

    crash(report)


def rsyslog():
    # https://www.rsyslog.com/doc/configuration/input_directives/rsconf1_escapecontrolcharactersonreceive.html
    def report(error):
        text = "failed: it's broken\n" + "".join(traceback.format_exception(error)).rstrip()
        print("May  1 10:00:00 web shop[812]: " + text.replace("\n", "#012"))

    crash(report)
    print("May  1 10:00:01 web shop[812]: after")


def in_json_in_json():
    def report(error):
        inner = json.dumps({"level": "error", "exception": "".join(traceback.format_exception(error))})
        print(json.dumps({"log": json.dumps({"log": inner, "stream": "stderr"}) + "\n", "stream": "stderr"}))

    crash(report)


def several_strings():
    def report(error):
        errors.append("".join(traceback.format_exception(error)))

    errors = []
    crash(report)
    print("2024-05-01T10:00:00Z shop-1 " + json.dumps({"failed": errors, "again": errors[0], "count": 2}))


def lists():
    crash(lambda error: print(f"it's broken: {traceback.format_exception(error)}"))
    crash(lambda error: print(json.dumps({"traceback": "".join(traceback.format_exception(error)).splitlines()})))


def of_a_child():
    code = "import shop; shop.checkout([{}])"
    child = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE)
    print("the child said:", child.stderr)
    print({"code": child.returncode, "stderr": child.stderr.decode()})


def sentry():
    import sentry_sdk

    sentry_sdk.init("http://key@127.0.0.1/1", before_send=lambda event, hint: print(json.dumps(event)))
    crash(sentry_sdk.capture_exception)

    def group(error):
        sentry_sdk.capture_exception(ExceptionGroup("carts", [error, LookupError("no beer")]))

    crash(group)


def opentelemetry():
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

    trace.set_tracer_provider(TracerProvider())
    trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
    with trace.get_tracer("shop").start_as_current_span("checkout"):
        crash(trace.get_current_span().record_exception)


globals()[sys.argv[1]]()
""".lstrip()

# The layouts of https://docs.docker.com/engine/logging/drivers/json-file/ and of `journalctl --output=json`
# (https://systemd.io/JOURNAL_EXPORT_FORMATS/#journal-json-format), Google's LogEntry
# (https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry) and Fluent Bit's Kubernetes filter
# (https://docs.fluentbit.io/manual/data-pipeline/filters/kubernetes): one record for each line.
RECORDS = """\
import json
import sys

for number, line in enumerate(sys.stdin):
    time = f"2024-05-01T10:00:{number % 60:02d}.{number:09d}Z"
    text = line.rstrip("\\n")
    record = {
        "docker": {"log": line, "stream": "stderr", "time": time},
        "journal": {"__CURSOR": f"s={number}", "_PID": "812", "PRIORITY": "3", "MESSAGE": text, "_COMM": "python"},
        "google": {"textPayload": text, "insertId": f"x{number}", "resource": {"labels": {"pod_name": "shop-1"}}},
        "fluent": {"log": text, "stream": "stderr", "kubernetes": {"pod_name": "shop-1", "labels": {"app": "shop"}}},
    }[sys.argv[1]]
    other = {
        "docker": {"log": f"GET /{number}\\n", "stream": "stdout", "time": time},
        "journal": {"__CURSOR": f"t={number}", "_PID": "1", "MESSAGE": f"Started {number}.", "_COMM": "systemd"},
        "google": {"textPayload": "GET /", "insertId": f"y{number}", "resource": {"labels": {"pod_name": "shop-2"}}},
        "fluent": {"log": "GET /", "stream": "stderr", "kubernetes": {"pod_name": "shop-2"}},
    }[sys.argv[1]]
    print(json.dumps(record, ensure_ascii=False, separators=(",", ":")))
    if number % 3 == 1:
        print(json.dumps(other))
"""

MIXED = """\
import sys
import warnings

import shop

print("starting", file=sys.stderr)
warnings.warn("prices will be Decimal", DeprecationWarning, stacklevel=1)
warnings.warn("two lines\\nof warning", stacklevel=1)
try:
    shop.total([{}])
except KeyError:
    sys.excepthook(*sys.exc_info())
warnings.warn("still here", ResourceWarning, stacklevel=1)
open(__file__)
shop.checkout([{}])
"""

MESSAGES = r'''
import sys

import shop


def sqlalchemy():
    from sqlalchemy import create_engine, text

    with create_engine("sqlite://").connect() as connection:
        connection.execute(text("""select price
        from cheese
        where name = :name"""), {"name": "Käse"})


def pydantic():
    from pydantic import BaseModel, field_validator

    class Item(BaseModel):
        name: str
        price: float

        @field_validator("price")
        @classmethod
        def positive(cls, value):
            if value < 0:
                raise ValueError("a price\nmay not be negative")
            return value

    class Cart(BaseModel):
        items: list[Item]

    Cart.model_validate({"items": [{"name": "cheese"}, {"name": 3, "price": -1}]})


def requests():
    import requests

    requests.get("http://127.0.0.1:9/prices?of=cheese", timeout=1)


def apscheduler():
    import logging

    from apscheduler.schedulers.blocking import BlockingScheduler

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    scheduler = BlockingScheduler()
    scheduler.add_job(shop.checkout, args=[[{}]], name="closing")
    scheduler.add_job(lambda: scheduler.shutdown(wait=False), "interval", seconds=1)
    scheduler.start()


globals()[sys.argv[1]]()
'''.lstrip()

# The layout of https://airflow.apache.org/docs/apache-airflow/2.10.5/administration-and-deployment/logging-monitoring/
# logging-tasks.html: `log_format` of the default configuration, read by `airflow tasks logs`.
AIRFLOW = """\
import logging
import shop

logging.basicConfig(
    level=logging.INFO,
    format="[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s",
    datefmt="%Y-%m-%dT%H:%M:%S.000+0000",
)
logging.info("Executing <Task(PythonOperator): close> on 2024-05-01 00:00:00+00:00")
try:
    shop.checkout([{}])
except ValueError:
    logging.exception("Task failed with exception")
logging.info("Marking task as UP_FOR_RETRY. dag_id=shop, task_id=close, execution_date=20240501T000000")
"""

DYING = """\
import ctypes
import faulthandler
import os
import sys
import threading
import time


def wait():
    time.sleep(30)


def price(item):
    return ctypes.string_at(item)


def total(depth):
    return total(depth - 1) if depth else price(0)


def hang():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def dump():
    faulthandler.dump_traceback(all_threads=False)


def abort():
    os.abort()


faulthandler.enable()
if "threads" in sys.argv:
    threading.Thread(target=wait, daemon=True).start()
    time.sleep(0.1)
for name in sys.argv[1:]:
    if name == "crash":
        total(1)
    elif name == "deep":
        total(150)
    elif name == "hang":
        faulthandler.dump_traceback_later(0.2, repeat=False, exit=True)
        hang()
    elif name == "dump":
        dump()
    elif name == "abort":
        abort()
    elif name == "overflow":
        import _testcapi

        _testcapi.fatal_error(b"it's over", True)
"""


def died(error: str, own: tuple[str, int, str] | None, *missing: str, frames: int | None = None) -> Crash:
    """A fatal error of the interpreter's."""
    return Crash((Exc("Fatal Python error", error, frames=frames),), own, format="faulthandler", missing=missing)


DYING_END = ("dying.py", len(DYING.splitlines()), "<module>")
OTHER_THREAD = "1 other thread"
MORE_FRAMES = "the outermost frames of a stack"


def shop_case(
    name: str, source: str, command: str, *crashes: Crash, packages: tuple[str, ...] = (), **files: str
) -> Case:
    """A case with ``shop.py`` and programs named by keyword."""
    programs = {"shop.py": SHOP} | {f"{module}.py": text for module, text in files.items()}
    return Case(name, source, command, crashes, programs, packages)


def json_case(name: str, source: str, *crashes: Crash) -> Case:
    """A function of ``JSON_LOGGERS``."""
    return shop_case(name, source, f"python loggers.py {name}", *crashes, packages=LOGGERS, loggers=JSON_LOGGERS)


def init_failed(error: str, cause: Exc) -> Crash:
    """An interpreter that could not start."""
    return Crash((cause, Exc("Fatal Python error", error, frames=0)), None, format="faulthandler")


def dying(
    name: str, doing: str, *crashes: Crash, command: str = "", more: tuple[Crash, ...] = (), **files: str
) -> Case:
    """A case of ``DYING``, told what to do."""
    run = command or f"python dying.py {doing}"
    return shop_case(name, "faulthandler", run, *crashes, *more, dying=DYING, **files)


def in_layout(layout: str) -> tuple[Crash, ...]:
    """What the loggers of ``JSON_LOGGERS`` report, taken apart."""
    return checkout_crash(above=1, layout=layout), price_crash(above=1, layout=layout)


BOTH = (checkout_crash(above=1), price_crash(above=1))

STRUCTLOG_GROUPS = (
    Crash(
        (
            Exc("ExceptionGroup", "carts (2 sub-exceptions)", frames=2),
            Exc("KeyError", "'price'", CAUSE, frames=3),
            Exc("ValueError", BROKEN, MEMBER, frames=2),
            Exc("KeyError", "'price'", MEMBER, frames=3),
        ),
        PRICE,
        format="structlog",
    ),
    Crash(
        (Exc("ValueError", "ä\n\tb", frames=4, notes=("first note", "second note\nof two lines")),),
        ("loggers.py", line_of(JSON_LOGGERS, "raise error"), "deep"),
        format="structlog",
        missing=("18 frames in the middle of a stack",),
    ),
    Crash((Exc("SyntaxError", "invalid syntax", frames=2),), ("rule.py", 1, ""), format="structlog"),
)
# Only of a group's members do the SDKs send whether they are a cause or a context.
SENTRY = (
    Crash((Exc("KeyError", "'price'", CONTEXT, frames=3), Exc("ValueError", BROKEN, frames=2)), PRICE, format="sentry"),
    price_crash(above=1, layout="sentry"),
    Crash(
        (
            Exc("ExceptionGroup", "carts", frames=0),
            Exc("KeyError", "'price'", CAUSE, frames=3),
            Exc("ValueError", BROKEN, MEMBER, frames=2),
            Exc("LookupError", "no beer", MEMBER, frames=0),
        ),
        PRICE,
        format="sentry",
    ),
    Crash(
        (
            Exc("ExceptionGroup", "carts", frames=0),
            Exc("KeyError", "'price'", MEMBER, frames=3),
            Exc("LookupError", "no beer", MEMBER, frames=0),
        ),
        PRICE,
        format="sentry",
    ),
)
SQLALCHEMY = """\
(sqlite3.OperationalError) no such table: cheese
[SQL: select price
        from cheese
        where name = ?]
[parameters: ('Käse',)]
(Background on this error at: https://sqlalche.me/e/21/e3q8)"""
PYDANTIC = """\
3 validation errors for Cart
items.0.price
  Field required [type=missing, input_value={'name': 'cheese'}, input_type=dict]
    For further information visit https://errors.pydantic.dev/2.14/v/missing
items.1.name
  Input should be a valid string [type=string_type, input_value=3, input_type=int]
    For further information visit https://errors.pydantic.dev/2.14/v/string_type
items.1.price
  Value error, a price
may not be negative [type=value_error, input_value=-1, input_type=int]
    For further information visit https://errors.pydantic.dev/2.14/v/value_error"""

CASES: tuple[Case, ...] = (
    # threads, tasks, processes
    shop_case(
        "threads",
        "threading, concurrent.futures",
        "python threads.py",
        checkout_crash(above=2),
        price_crash(above=2),
        price_crash(),
        threads=THREADS,
    ),
    shop_case(
        "ignored",
        "Exception ignored in",
        "python ignored.py",
        # Python up to 3.12 does not print what such an exception came from.
        Crash((Exc("ValueError", BROKEN, frames=2),), ("shop.py", 16, "checkout")),
        price_crash(above=1),
        price_crash(above=1),
        ignored=IGNORED,
    ),
    *(
        # The third exception has no stack: nobody raised it.
        shop_case(name, "asyncio", command, checkout_crash(above=1), price_crash(above=1), tasks=TASKS)
        for name, command in (("tasks", "python tasks.py"), ("tasks_debug", "python -X dev tasks.py"))
    ),
    *(
        shop_case(
            f"processes_{how}",
            f"multiprocessing ({how}), concurrent.futures",
            f"python processes.py {how}",
            checkout_crash(above=2),
            REMOTE_CHECKOUT,
            REMOTE_TOTAL,
            processes=PROCESSES,
        )
        for how in ("fork", "spawn")
    ),
    shop_case(
        "group_asyncio",
        "asyncio.TaskGroup",
        "python groups.py asyncio",
        group_crash("unhandled errors in a TaskGroup (2 sub-exceptions)"),
        groups=GROUPS,
    ),
    shop_case(
        "group_anyio",
        "anyio task group",
        "python groups.py anyio",
        group_crash("unhandled errors in a TaskGroup (2 sub-exceptions)", above=1),
        packages=LIBRARIES,
        groups=GROUPS,
    ),
    shop_case(
        "group_trio",
        "trio nursery",
        "python groups.py trio",
        group_crash("Exceptions from Trio nursery (2 sub-exceptions)"),
        packages=LIBRARIES,
        groups=GROUPS,
    ),
    # how a program is started
    Case(
        "run_module",
        "python -m",
        "python -m shop",
        (Crash((Exc("KeyError", "'price'", frames=5),), ("shop/__init__.py", 5, "price")),),
        {"shop/__init__.py": SHOP, "shop/__main__.py": "import shop\n\nshop.total([{}])\n"},
    ),
    shop_case("run_string", "python -c", "python -c 'import shop; shop.checkout([{}])'", checkout_crash(above=1)),
    shop_case("run_input", "python -", "echo 'import shop; shop.total([{}])' | python -X dev -", price_crash(above=1)),
    shop_case(
        "warnings",
        "warnings",
        "python -X dev -W default mixed.py",
        price_crash(above=1),
        checkout_crash(above=1),
        mixed=MIXED,
    ),
    # installation
    Case(
        "pip_legacy",
        "pip (setup.py)",
        "pip install --no-use-pep517 --no-build-isolation --disable-pip-version-check ./cheese",
        (price_crash(),),
        PACKAGE,
        ("pip==23.0.1", "setuptools<70", "wheel"),
    ),
    Case(
        "pip",
        "pip",
        "pip install --no-build-isolation --disable-pip-version-check ./cheese",
        (price_crash(),),
        PACKAGE,
        ("pip>=25", "setuptools>=75", "wheel"),
    ),
    Case(
        "build",
        "python -m build",
        "python -m build --no-isolation --wheel cheese",
        (price_crash(),),
        PACKAGE,
        ("build", "setuptools>=75", "wheel"),
    ),
    # web frameworks and servers
    Case(
        "django_client",
        "Django (Internal Server Error)",
        "python client.py",
        (checkout_crash(), checkout_crash(), checkout_crash()),
        DJANGO,
        WEB,
    ),
    Case("django_command", "Django (manage.py)", "python manage.py close", (price_crash(),), DJANGO, WEB),
    Case(
        "django_database",
        "Django (database)",
        "python manage.py query",
        (
            Crash(
                (
                    Exc("sqlite3.OperationalError", "no such table: cheese", CAUSE),
                    Exc("django.db.utils.OperationalError", "no such table: cheese"),
                ),
                ("query.py", 7, "handle"),
            ),
        ),
        DJANGO,
        WEB,
    ),
    shop_case("flask", "Flask", "python flask_app.py", checkout_crash(), packages=WEB, flask_app=FLASK),
    shop_case(
        "werkzeug",
        "Flask (werkzeug's server)",
        "python flask_app.py serve",
        checkout_crash(),
        checkout_crash(),
        packages=WEB,
        flask_app=FLASK,
    ),
    shop_case(
        "werkzeug_debug",
        "Flask (debug)",
        "python debugged.py",
        checkout_crash(),
        packages=WEB,
        flask_app=FLASK,
        debugged=DEBUGGED,
    ),
    shop_case(
        "uvicorn",
        "FastAPI, uvicorn",
        "python served.py",
        checkout_crash(),
        Crash(
            (
                Exc("ExceptionGroup", "unhandled errors in a TaskGroup (1 sub-exception)"),
                Exc("KeyError", "'price'", CAUSE, frames=3),
                Exc("ValueError", BROKEN, MEMBER, frames=3),
            ),
            PRICE,
        ),
        price_crash(),
        packages=WEB,
        served=FASTAPI,
    ),
    shop_case("gunicorn", "gunicorn (a request)", GUNICORN, checkout_crash(), packages=WEB, wsgi=WSGI),
    shop_case(
        "gunicorn_boot",
        "gunicorn (boot)",
        "gunicorn --bind 127.0.0.1:8474 wsgi:app",
        price_crash(),
        packages=WEB,
        wsgi="import shop\n\nshop.total([{}])\n",
    ),
    shop_case("celery", "Celery", "python work.py", price_crash(), checkout_crash(), packages=WEB, work=CELERY),
    # logging
    *(
        shop_case(f"logging_{how}", "logging", f"python log.py {how}", *BOTH, log=LOGGING)
        for how in ("default", "full", "short", "brackets", "every_line")
    ),
    shop_case("airflow", "Airflow task log", "python task.py", checkout_crash(above=1), task=AIRFLOW),
    json_case("python_json_logger", "python-json-logger", *BOTH),
    json_case("structlog_json", "structlog (JSONRenderer)", *BOTH),
    json_case("structlog_dicts", "structlog (dict_tracebacks)", *in_layout("structlog")),
    json_case("structlog_groups", "structlog (exception groups)", *STRUCTLOG_GROUPS),
    json_case("structlog_logfmt", "structlog (logfmt)", *BOTH),
    json_case("structlog_key_value", "structlog (repr)", *BOTH),
    json_case(
        "ecs",
        "Elastic Common Schema",
        # Such a record holds neither the cause nor its frames.
        Crash((Exc("ValueError", BROKEN, frames=2),), ("shop.py", 16, "checkout"), format="ecs"),
        price_crash(above=1, layout="ecs"),
    ),
    json_case("gelf", "GELF", *BOTH),
    json_case("rsyslog", "rsyslog", *BOTH),
    json_case("in_json_in_json", "JSON in JSON in JSON", *BOTH),
    json_case("several_strings", "several tracebacks in one JSON line", *BOTH),
    json_case("lists", "str(format_exception()), JSON list", *BOTH, *BOTH),
    json_case("of_a_child", "repr(stderr)", checkout_crash(above=1), checkout_crash(above=1)),
    json_case("sentry", "Sentry event", *SENTRY),
    json_case("opentelemetry", "OpenTelemetry", *BOTH),
    *(
        shop_case(
            f"records_{how}",
            f"{source}: a JSON record for each line",
            f"python threads.py 2>&1 | python records.py {how}",
            checkout_crash(above=2),
            price_crash(above=2),
            price_crash(),
            threads=THREADS,
            records=RECORDS,
        )
        for how, source in (
            ("docker", "Docker json-file"),
            ("journal", "journalctl -o json"),
            ("google", "Google Cloud Logging"),
            ("fluent", "Fluent Bit"),
        )
    ),
    shop_case(
        "records_of_records",
        "python-json-logger in Docker json-file",
        "python loggers.py python_json_logger 2>&1 | python records.py docker",
        *BOTH,
        packages=LOGGERS,
        loggers=JSON_LOGGERS,
        records=RECORDS,
    ),
    # libraries with long messages
    shop_case(
        "sqlalchemy",
        "SQLAlchemy",
        "python messages.py sqlalchemy",
        Crash(
            (
                Exc("sqlite3.OperationalError", "no such table: cheese", CAUSE),
                Exc("sqlalchemy.exc.OperationalError", SQLALCHEMY),
            ),
            ("messages.py", 10, "sqlalchemy"),
        ),
        packages=LIBRARIES,
        messages=MESSAGES,
    ),
    shop_case(
        "pydantic",
        "pydantic",
        "python messages.py pydantic",
        Crash((Exc("pydantic_core._pydantic_core.ValidationError", PYDANTIC),), ("messages.py", 32, "pydantic")),
        packages=LIBRARIES,
        messages=MESSAGES,
    ),
    shop_case(
        "requests",
        "requests",
        "python messages.py requests",
        Crash(
            (
                Exc("ConnectionRefusedError", "[Errno 111] Connection refused", CAUSE),
                Exc("urllib3.exceptions.NewConnectionError", None, CAUSE),
                Exc("urllib3.exceptions.MaxRetryError", None, CONTEXT),
                Exc(
                    "requests.exceptions.ConnectionError", message_start="HTTPConnectionPool(host='127.0.0.1', port=9)"
                ),
            ),
            ("messages.py", 38, "requests"),
        ),
        packages=LIBRARIES,
        messages=MESSAGES,
    ),
    shop_case(
        "apscheduler",
        "APScheduler",
        "python messages.py apscheduler",
        checkout_crash(),
        packages=LIBRARIES,
        messages=MESSAGES,
    ),
    # interpreters that died
    dying("fault", "crash", died("Segmentation fault", ("dying.py", 14, "price"), frames=5)),
    dying("fault_threads", "threads crash", died("Segmentation fault", ("dying.py", 14, "price"), OTHER_THREAD)),
    dying("fault_deep", "deep", died("Segmentation fault", ("dying.py", 14, "price"), MORE_FRAMES, frames=100)),
    dying("fault_abort", "abort", died("Aborted", ("dying.py", 32, "abort"), frames=2)),
    dying("fault_extension", "overflow", died("test_fatal_error: it's over", DYING_END, frames=1)),
    dying(
        "fault_timeout",
        "threads hang",
        Crash(
            (Exc("Timeout", "0:00:00.200000", frames=2),),
            ("dying.py", 24, "hang"),
            format="faulthandler",
            missing=(OTHER_THREAD,),
        ),
    ),
    dying(
        "fault_dump",
        "dump abort",
        Crash((Exc("", "", frames=2),), ("dying.py", 28, "dump"), format="faulthandler", missing=("why the stack",)),
        died("Aborted", ("dying.py", 32, "abort"), frames=2),
    ),
    Case(
        "fault_start",
        "interpreter start",
        "PYTHONHOME=/nowhere python -c pass; PYTHONIOENCODING=nothing python -c pass",
        (
            init_failed(
                "init_fs_encoding: failed to get the Python codec of the filesystem encoding",
                Exc("ModuleNotFoundError", "No module named 'encodings'", CAUSE, frames=0),
            ),
            init_failed(
                "init_stdio_encoding: failed to get the Python codec name of the stdio encoding",
                Exc("LookupError", "unknown encoding: nothing", CAUSE, frames=0),
            ),
        ),
    ),
    dying(
        "fault_mixed",
        "threads dump crash",
        Crash((Exc("", "", frames=2),), ("dying.py", 28, "dump"), format="faulthandler", missing=("why the stack",)),
        died("Segmentation fault", ("dying.py", 14, "price"), OTHER_THREAD),
        command="(python -X dev dying.py threads dump crash; python dying.py abort) 2>&1 | sed 's/^/worker-1  | /'",
        more=(died("Aborted", ("dying.py", 32, "abort"), frames=2),),
    ),
    dying(
        "fault_unicode",
        "crash",
        died("Segmentation fault", ("käse.py", 14, "price"), frames=5),
        command="cp dying.py käse.py; python käse.py crash 2>&1 | tr -d '\\r'",
    ),
    dying(
        "fault_record",
        "crash",
        died("Segmentation fault", ("dying.py", 14, "price"), frames=5),
        command="python dying.py crash 2>&1 | python records.py docker",
        records=RECORDS,
    ),
)
