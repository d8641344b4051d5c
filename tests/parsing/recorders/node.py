r"""JavaScript and TypeScript: Node.js by itself, TypeScript's runners, test runners, log records.

Needs ``node`` 20 or newer and ``npm``. Browsers cannot run here: their texts are made from V8's own by the documented
differences (https://v8.dev/docs/stack-trace-api, https://developer.chrome.com/docs/devtools/console/api#error).
"""

from __future__ import annotations

from tests.parsing.recorders.base import CAUSE, MEMBER, Case, Crash, Exc

CACHE = {"npm_config_cache": "/tmp/npm-cache", "npm_config_update_notifier": "false", "NO_COLOR": "1"}


def crash(
    *exceptions: Exc, own: tuple[str, int | None, str] | None, layout: str = "node", missing: tuple[str, ...] = ()
) -> Crash:
    return Crash(exceptions, own, "javascript", layout, missing)


def npm(packages: str, command: str) -> str:
    """The command, with packages of the npm registry in the project's folder."""
    install = f"npm install --silent --no-audit --no-fund {packages} >npm.log 2>&1"
    return f"{install} || {{ cat npm.log; exit 127; }}; {command}"


CART = """\
class Cart {
  constructor(items) {
    this.items = items;
    this.check();
  }

  check() {
    return total(this.items);
  }
}

function total(items) {
  return items.map((item) => item.price.value);
}

module.exports = { Cart, total };
"""
NO_VALUE = "Cannot read properties of undefined (reading 'value')"
UNPRICED = (Exc("TypeError", NO_VALUE, frames=10),)
PRICE_FRAME = ("cart.js", 13, "<anonymous>")

CHAIN = """\
const fs = require('node:fs');

class CannotOpen extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'CannotOpen';
    this.shop = { town: 'Ulm', doors: [1, 2] };
  }
}

function load(path) {
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`cannot load ${path}`, { cause: error });
  }
}

function start() {
  try {
    load('/nowhere/cart.json');
  } catch (error) {
    throw new CannotOpen('the shop cannot open:\\n  no cart “Käse”\\n\\ncall Ada', { cause: error });
  }
}

start();
"""
ENOENT = "ENOENT: no such file or directory, open '/nowhere/cart.json'"
ENOENT_NOTES = ("errno: -2", "code: 'ENOENT'", "syscall: 'open'", "path: '/nowhere/cart.json'")

PRICES = """\
async function price(name) {
  await null;
  throw new RangeError(`no price for ${name}`);
}

async function main() {
  await Promise.any([price('pear'), price('plum')]);
}

main();
"""

NESTED = """\
function fail() {
  const first = new TypeError('no pear', { cause: new Error('late\\nfrost') });
  const group = new AggregateError([first, new RangeError('no plum')], 'no fruit');
  group.code = 'E_FRUIT';
  throw new Error('closed', { cause: group });
}
fail();
"""

PRINTED = """\
class SoldOut extends Error {}

function sell(name) {
  throw new SoldOut(`no ${name}`);
}

function attempt(print) {
  try {
    sell('pear');
  } catch (error) {
    print(error);
  }
}

attempt((error) => console.error(error));
attempt((error) => console.error('sale failed:', error));
attempt((error) => console.error(error.stack));
attempt((error) => console.log({ request: 7, error }));
attempt((error) => console.error(`2024-05-01T10:00:00.000Z [api] ERROR ${error.stack}`));
console.error(new Error());
console.error(new TypeError(''));
try {
  require('node:path').join(3);
} catch (error) {
  console.error(error);
}
"""
SELL = ("printed.js", 4, "sell")

SYNTAX = """\
const fruit = 'pear';
function total( {
  return fruit;
"""

ASYNC = """\
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function price(item) {
  await sleep(1);
  return item.price.value;
}

async function total(items) {
  await sleep(1);
  return await Promise.all(items.map(price));
}

const run = async () => {
  await total([{}]);
};

run();
"""

ASSERTS = """\
const assert = require('node:assert');

function check() {
  assert.deepStrictEqual({ pears: 1, rows: [1, 2] }, { pears: 1, rows: [1, 3] });
}

check();
"""

APP_TS = """\
interface Item {
  name: string;
  price?: { value: number };
}

class Cart {
  constructor(private readonly items: Item[]) {}

  total(): number {
    return this.items.map((item) => item.price!.value).reduce((sum, value) => sum + value, 0);
  }
}

async function main(): Promise<void> {
  const cart: Cart = new Cart([{ name: 'pear' }]);
  try {
    console.log(cart.total());
  } catch (error) {
    throw new Error('checkout failed', { cause: error });
  }
}

main();
"""
TSCONFIG = """\
{"compilerOptions": {"target": "es2022", "module": "commonjs", "sourceMap": true, "outDir": "dist", "rootDir": "src",
                     "strict": true, "types": []}, "include": ["src"]}
"""
TS_CHAIN = (Exc("TypeError", NO_VALUE, CAUSE, frames=10), Exc("Error", "checkout failed"))

TESTED = """\
function total(cart) {
  return cart.items.reduce((sum, item) => sum + item.price, 0);
}

class SoldOut extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'SoldOut';
  }
}

function take() {
  try {
    total(null);
  } catch (error) {
    throw new SoldOut('nothing left', { cause: error });
  }
}

module.exports = { total, take };
"""
JEST = """\
const { total, take } = require('./cart');

describe('cart', () => {
  test('total of nothing', () => {
    total({});
  });
  test('total of one', () => {
    expect(total({ items: [{ price: 3 }] })).toBe(4);
  });
  test('rows', () => {
    expect({ pears: 1, rows: [1, 2] }).toEqual({ pears: 1, rows: [1, 3] });
  });
  test('cause', () => take());
  test('a string', () => {
    throw 'plain';
  });
  test('async', async () => {
    await Promise.reject(new RangeError('late\\nand long'));
  });
  test('fine', () => {});
});
"""
MOCHA = """\
const assert = require('node:assert');
const { total, take } = require('./cart');

describe('cart', () => {
  it('total of nothing', () => {
    total({});
  });
  it('total of one', () => {
    assert.strictEqual(total({ items: [{ price: 3 }] }), 4);
  });
  describe('deeper', () => {
    it('cause', () => take());
    it('async', async () => {
      await Promise.reject(new RangeError('late\\nand long'));
    });
  });
  describe('hooked', () => {
    before('opening', () => {
      throw new Error('no shop');
    });
    it('never runs', () => {});
  });
});
"""
VITEST = """\
import { describe, expect, it } from 'vitest';
import { take, total } from './cart.js';

describe('cart', () => {
  it('total of nothing', () => {
    total({});
  });
  it('total of one', () => {
    expect(total({ items: [{ price: 3 }] })).toBe(4);
  });
  it('cause', () => take());
  it('a string', () => {
    throw 'plain';
  });
  it('async', async () => {
    await Promise.reject(new RangeError('late\\nand long'));
  });
  it('fine', () => {});
});
"""
NODE_TEST = """\
import assert from 'node:assert';
import { describe, it } from 'node:test';
import { take, total } from './cart.js';

describe('cart', () => {
  it('total of nothing', () => {
    total({});
  });
  it('total of one', () => {
    assert.strictEqual(total({ items: [{ price: 3 }] }), 4);
  });
  it('cause', () => take());
});
"""
NO_REDUCE = "Cannot read properties of undefined (reading 'reduce')"
NO_ITEMS = "Cannot read properties of null (reading 'items')"

LOGGED = """\
const { Cart } = require('./cart');

process.on('uncaughtException', (error, origin) => {
  const { name, message, stack } = error;
  console.log(JSON.stringify({ level: 50, time: 1714557600000, origin, err: { type: name, message, stack } }));
});
new Cart([{}]);
"""

WINDOWS = r"""
import os
import sys

here = os.getcwd() + "/"
for line in sys.stdin:
    line = line.replace("file://" + here, "file:///C:/my%20shop/").replace(here, "C:\\my shop\\")
    sys.stdout.write(line.replace("\n", "\r\n"))
"""

CASES: tuple[Case, ...] = (
    Case(
        "uncaught",
        "node",
        "echo open; node app.js",
        (crash(*UNPRICED, own=PRICE_FRAME),),
        {"app.js": "const { Cart } = require('./cart');\nnew Cart([{}]);\n", "cart.js": CART},
    ),
    Case(
        "cause_chain",
        "node",
        "node app.js",
        (
            crash(
                Exc("Error", ENOENT, CAUSE, frames=10, notes=ENOENT_NOTES),
                Exc("Error", "cannot load /nowhere/cart.json", CAUSE, frames=9),
                Exc(
                    "CannotOpen",
                    "the shop cannot open:\n  no cart “Käse”\n\ncall Ada",
                    frames=8,
                    notes=("shop: { town: 'Ulm', doors: [ 1, 2 ] }",),
                ),
                own=("app.js", 13, "load"),
            ),
        ),
        {"app.js": CHAIN},
    ),
    Case(
        "aggregate",
        "node",
        "node app.js",
        (
            crash(
                Exc("AggregateError", "All promises were rejected", frames=0),
                Exc("RangeError", "no price for pear", MEMBER, frames=3),
                Exc("RangeError", "no price for plum", MEMBER, frames=3),
                own=("app.js", 3, "price"),
            ),
        ),
        {"app.js": PRICES},
    ),
    Case(
        "aggregate_in_chain",
        "node",
        "node app.js",
        (
            crash(
                Exc("AggregateError", "no fruit", CAUSE, notes=("code: 'E_FRUIT'",)),
                Exc("Error", "late\nfrost", CAUSE),
                Exc("TypeError", "no pear", MEMBER),
                Exc("RangeError", "no plum", MEMBER),
                Exc("Error", "closed"),
                own=("app.js", 2, "fail"),
            ),
        ),
        {"app.js": NESTED},
    ),
    Case(
        "printed",
        "console.error",
        "node printed.js",
        (
            crash(Exc("SoldOut", "no pear"), own=SELL),
            crash(Exc("SoldOut", "no pear"), own=SELL),
            crash(Exc("Error", "no pear"), own=SELL),
            crash(Exc("SoldOut", "no pear"), own=SELL),
            crash(Exc("Error", "no pear"), own=SELL),
            crash(Exc("Error", ""), own=("printed.js", 20, "Object.<anonymous>")),
            crash(Exc("TypeError", ""), own=("printed.js", 21, "Object.<anonymous>")),
            crash(
                Exc(
                    "TypeError",
                    'The "path" argument must be of type string. Received type number (3)',
                    notes=("code: 'ERR_INVALID_ARG_TYPE'",),
                ),
                own=("printed.js", 23, "Object.<anonymous>"),
            ),
        ),
        {"printed.js": PRINTED},
    ),
    Case(
        "unhandled_rejection",
        "node",
        "node app.js; node --unhandled-rejections=warn app.js",
        (
            crash(Exc("TypeError", NO_VALUE, frames=4), own=("app.js", 5, "price")),
            crash(Exc("TypeError", NO_VALUE, frames=4), own=("app.js", 5, "price")),
        ),
        {"app.js": ASYNC},
    ),
    Case(
        "rejected_with_a_value",
        "node",
        'node -e "Promise.reject({ status: 3 })"; node listener.js',
        (
            crash(
                Exc(
                    "UnhandledPromiseRejection",
                    message_start="This error originated either by throwing inside of an async function",
                    notes=("code: 'ERR_UNHANDLED_REJECTION'",),
                ),
                own=None,
            ),
            crash(Exc("Error", "late"), own=("listener.js", 4, "Timeout.fail [as _onTimeout]")),
            crash(Exc("Error", "late"), own=("listener.js", 4, "Timeout.fail [as _onTimeout]")),
        ),
        {
            "listener.js": "process.on('unhandledRejection', (reason, promise) => {\n"
            "  console.error('Unhandled Rejection at:', promise, 'reason:', reason);\n});\n"
            "new Promise((_, reject) => setTimeout(function fail() { reject(new Error('late')); }, 1));\n"
        },
    ),
    Case(
        "syntax_error",
        "node",
        "node broken.js; node app.js",
        (
            crash(Exc("SyntaxError", "Unexpected identifier 'fruit'"), own=("broken.js", 3, "")),
            crash(Exc("SyntaxError", "Unexpected identifier 'fruit'"), own=("broken.js", 3, "")),
        ),
        {"broken.js": SYNTAX, "app.js": "function open() {\n  require('./broken');\n}\nopen();\n"},
    ),
    Case(
        "esm",
        "node, ES modules",
        "node app.mjs; node missing.mjs; node nowhere.mjs",
        (
            crash(
                Exc(
                    "Error",
                    "ENOENT: no such file or directory, open 'nowhere.json'",
                    frames=4,
                    notes=(
                        "errno: -2",
                        "code: 'ENOENT'",
                        "syscall: 'open'",
                        "path: 'nowhere.json'",
                    ),
                ),
                own=("/home/ada/shop/app.mjs", 4, "load"),
            ),
            crash(
                Exc("SyntaxError", "The requested module './app.js' does not provide an export named 'pear'"),
                own=("/home/ada/shop/missing.mjs", 2, ""),
            ),
            crash(
                Exc(
                    "Error",
                    message_start="Cannot find module '/home/ada/shop/none.mjs' imported from",
                    notes=("code: 'ERR_MODULE_NOT_FOUND'", "url: 'file:///home/ada/shop/none.mjs'"),
                ),
                own=None,
            ),
        ),
        {
            "app.mjs": "import { readFile } from 'node:fs/promises';\n\nexport async function load(name) {\n"
            "  return JSON.parse(await readFile(name, 'utf8'));\n}\n\nawait load('nowhere.json');\n",
            "missing.mjs": "// fruit\nimport { pear } from './app.js';\n",
            "app.js": "export const plum = 1;\n",
            "package.json": '{"type": "module"}\n',
            "nowhere.mjs": "import './none.mjs';\n",
        },
    ),
    Case(
        "assertion",
        "node:assert",
        "node app.js",
        (
            crash(
                Exc(
                    "AssertionError",
                    message_start="Expected values to be strictly deep-equal:\n+ actual - expected\n\n  {\n    pears",
                    notes=(
                        "generatedMessage: true",
                        "code: 'ERR_ASSERTION'",
                        "actual: { pears: 1, rows: [ 1, 2 ] }",
                        "expected: { pears: 1, rows: [ 1, 3 ] }",
                        "operator: 'deepStrictEqual'",
                    ),
                ),
                own=("app.js", 4, "check"),
            ),
        ),
        {"app.js": ASSERTS},
    ),
    Case(
        "no_error_thrown",
        "node",
        "node number.js; node text.js; node object.js; node --trace-uncaught number.js",
        (
            crash(Exc("Uncaught", "42", frames=1), own=("number.js", 2, "")),
            crash(Exc("Uncaught", "no pears\nno plums", frames=1), own=("text.js", 1, "")),
            crash(Exc("Uncaught", "{ code: 7, why: 'rain' }", frames=1), own=("object.js", 1, "")),
            crash(Exc("Uncaught", "42"), own=("number.js", 2, "f")),
        ),
        {
            "number.js": "function f() {\n  throw 42;\n}\nf();\n",
            "text.js": "throw 'no pears\\nno plums';\n",
            "object.js": "throw { code: 7, why: 'rain' };\n",
        },
    ),
    Case(
        "no_stack",
        "node",
        "node app.js; node callback.js",
        (
            crash(Exc("Error", "no frames", frames=1), own=("app.js", 3, "")),
            crash(
                Exc(
                    "Error",
                    "ENOENT: no such file or directory, open '/nowhere'",
                    frames=0,
                    notes=(
                        "errno: -2",
                        "code: 'ENOENT'",
                        "syscall: 'open'",
                        "path: '/nowhere'",
                    ),
                ),
                own=None,
            ),
        ),
        {
            "app.js": "Error.stackTraceLimit = 0;\n\nthrow new Error('no frames');\n",
            "callback.js": "require('node:fs').readFile('/nowhere', (error) => console.error('sale failed', error));\n",
        },
    ),
    Case(
        "events",
        "node",
        "node app.js; node net.js; node worker.js",
        (
            crash(
                Exc(
                    "Error",
                    "unhandled",
                    notes=(
                        "Emitted 'error' event at:\n    at fail (/home/ada/shop/app.js:4:11)\n"
                        "    at Object.<anonymous> (/home/ada/shop/app.js:7:1)\n"
                        "    [... lines matching original stack trace ...]\n"
                        "    at node:internal/main/run_main_module:28:49",
                    ),
                ),
                own=("app.js", 4, "fail"),
            ),
            crash(
                Exc(
                    "Error",
                    "connect ECONNREFUSED 127.0.0.1:1",
                    frames=1,
                    notes=(
                        "errno: -111",
                        "code: 'ECONNREFUSED'",
                        "syscall: 'connect'",
                        "address: '127.0.0.1'",
                        "port: 1",
                        "Emitted 'error' event on Socket instance at:\n"
                        "    at emitErrorNT (node:internal/streams/destroy:169:8)\n"
                        "    at emitErrorCloseNT (node:internal/streams/destroy:128:3)\n"
                        "    at process.processTicksAndRejections (node:internal/process/task_queues:82:21)",
                    ),
                ),
                own=None,
            ),
            crash(
                Exc(
                    "Error",
                    "in the worker",
                    notes=(
                        "Emitted 'error' event on Worker instance at:\n"
                        "    at [kOnErrorMessage] (node:internal/worker:333:10)\n"
                        "    at [kOnMessage] (node:internal/worker:344:37)\n"
                        "    at MessagePort.<anonymous> (node:internal/worker:233:57)\n"
                        "    at [nodejs.internal.kHybridDispatch] (node:internal/event_target:831:20)\n"
                        "    at MessagePort.<anonymous> (node:internal/per_context/messageport:23:28)",
                    ),
                ),
                own=("worker.js", 4, "work"),
            ),
        ),
        {
            "app.js": "const { EventEmitter } = require('node:events');\n\nfunction fail(emitter) {\n"
            "  emitter.emit('error', new Error('unhandled'));\n}\n\nfail(new EventEmitter());\n",
            "net.js": "require('node:net').connect(1, '127.0.0.1');\n",
            "worker.js": "const { Worker, isMainThread } = require('node:worker_threads');\n\nfunction work() {\n"
            "  throw new Error('in the worker');\n}\n\nif (isMainThread) new Worker(__filename);\nelse work();\n",
        },
    ),
    Case(
        "generated_code",
        "node -e, eval, JSON.parse",
        "node app.js; node -e 'null.price'; echo 'throw new Error(\"piped\")' | node; node json.js",
        (
            crash(Exc("RangeError", "in eval"), own=("app.js", 2, "run")),
            crash(
                Exc("TypeError", "Cannot read properties of null (reading 'price')"), own=("[eval]", 1, "<anonymous>")
            ),
            crash(Exc("Error", "piped"), own=("[stdin]", 1, "<anonymous>")),
            crash(
                Exc("SyntaxError", message_start="Expected property name or '}' in JSON"),
                own=("json.js", 1, "Object.<anonymous>"),
            ),
        ),
        {
            "app.js": "function run(code) {\n  eval(code);\n}\nrun('throw new RangeError(\"in eval\")');\n",
            "json.js": "JSON.parse('{bad');\n",
        },
    ),
    Case(
        "recursion",
        "node --stack-trace-limit",
        "node --stack-trace-limit=60 app.js",
        (crash(Exc("RangeError", "Maximum call stack size exceeded", frames=60), own=("app.js", 2, "down")),),
        {"app.js": "function down(n) {\n  return down(n + 1) + 1;\n}\ndown(0);\n"},
    ),
    Case(
        "missing_module",
        "node",
        "node app.js",
        (
            crash(
                Exc(
                    "Error",
                    "Cannot find module 'pears'\nRequire stack:\n- /home/ada/shop/basket.js\n- /home/ada/shop/app.js",
                    notes=(
                        "code: 'MODULE_NOT_FOUND'",
                        "requireStack: [\n  '/home/ada/shop/basket.js',\n  '/home/ada/shop/app.js'\n]",
                    ),
                ),
                own=("basket.js", 2, "Object.<anonymous>"),
            ),
        ),
        {"app.js": "require('./basket');\n", "basket.js": "// fruit\nrequire('pears');\n"},
    ),
    Case(
        "child_process",
        "node, a child's output",
        "node app.js",
        (crash(Exc("TypeError", NO_VALUE), own=PRICE_FRAME),),
        {
            "app.js": "require('node:child_process').execSync('node child.js', { stdio: 'pipe' });\n",
            "child.js": "require('./cart').total([{}]);\n",
            "cart.js": CART,
        },
    ),
    Case(
        "tsx",
        "tsx",
        npm("tsx typescript", "npx tsx src/app.ts"),
        (crash(*TS_CHAIN, own=("src/app.ts", 10, "<anonymous>")),),
        {"src/app.ts": APP_TS},
        environment=CACHE,
    ),
    Case(
        "ts_node",
        "ts-node",
        npm("ts-node typescript@5", "npx ts-node --transpile-only src/app.ts"),
        (crash(*TS_CHAIN, own=("src/app.ts", 10, "<anonymous>")),),
        {"src/app.ts": APP_TS, "tsconfig.json": TSCONFIG},
        environment=CACHE,
    ),
    Case(
        "source_maps",
        "node --enable-source-maps",
        npm("typescript@5", "npx tsc -p . && node --enable-source-maps dist/app.js"),
        (crash(*TS_CHAIN, own=("src/app.ts", 10, "<anonymous>")),),
        {"src/app.ts": APP_TS, "tsconfig.json": TSCONFIG},
        environment=CACHE,
    ),
    # Node 12 to 14 print the original place below the compiled one: the changelog of 15.0 shows both forms.
    Case(
        "source_maps_below",
        "node 12 --enable-source-maps",
        npm(
            "typescript@5",
            "npx tsc -p . && node dist/app.js 2>&1 | "
            "sed -E 's|^( +)at (.*)dist/app.js:8:52|&\\n\\1    -> /home/ada/shop/src/app.ts:10:49|'",
        ),
        (crash(*TS_CHAIN, own=("src/app.ts", 10, "<anonymous>")),),
        {"src/app.ts": APP_TS, "tsconfig.json": TSCONFIG},
        environment=CACHE,
    ),
    Case(
        "jest",
        "jest",
        npm("jest", "npx jest"),
        (
            crash(Exc("TypeError", NO_REDUCE, frames=2), own=("cart.js", 2, "reduce"), layout="jest"),
            crash(
                Exc("Error", "expect(received).toBe(expected) // Object.is equality\n\nExpected: 4\nReceived: 3"),
                own=("cart.test.js", 8, "Object.toBe"),
                layout="jest",
            ),
            crash(
                Exc("Error", message_start="expect(received).toEqual(expected) // deep equality\n\n- Expected  - 1\n+"),
                own=("cart.test.js", 11, "Object.toEqual"),
                layout="jest",
            ),
            crash(
                Exc("TypeError", NO_ITEMS, CAUSE, frames=3),
                Exc("SoldOut", "nothing left", frames=2),
                own=("cart.js", 2, "items"),
                layout="jest",
            ),
            crash(Exc("thrown", '"plain"'), own=("cart.test.js", 14, "test"), layout="jest"),
            crash(Exc("RangeError", "late\nand long"), own=("cart.test.js", 18, "Object.<anonymous>"), layout="jest"),
        ),
        {"cart.js": TESTED, "cart.test.js": JEST, "package.json": "{}"},
        environment=CACHE,
    ),
    Case(
        "jest_suites",
        "jest",
        npm("jest", "npx jest --runInBand nowhere; npx jest --runInBand broken; npx jest noisy"),
        (
            crash(
                Exc("Error", "Cannot find module './nothing' from 'nowhere.test.js'"),
                own=("nowhere.test.js", 1, "Object.require"),
                layout="jest",
            ),
            crash(
                Exc("SyntaxError", message_start="/home/ada/shop/broken.test.js: Unexpected token (1:10)"),
                own=("broken.test.js", 1, ""),
                layout="jest",
            ),
        ),
        {
            "nowhere.test.js": "require('./nothing');\n",
            "broken.test.js": "const a = ;\n",
            "noisy.test.js": "test('noisy', () => {\n  console.log('TypeError?');\n  console.warn('slow');\n});\n",
            "package.json": "{}",
        },
        environment=CACHE,
    ),
    Case(
        "mocha",
        "mocha",
        npm("mocha", "npx mocha cart.spec.js"),
        (
            crash(Exc("TypeError", NO_REDUCE, frames=3), own=("cart.js", 2, "total")),
            crash(
                Exc(
                    "AssertionError",
                    message_start="Expected values to be strictly equal:\n\n3 !== 4\n\n+ expected - actual",
                    notes=("code: 'ERR_ASSERTION'",),
                ),
                own=("cart.spec.js", 9, "Context.<anonymous>"),
            ),
            crash(
                Exc("TypeError", NO_ITEMS, CAUSE, frames=4),
                Exc("SoldOut", "nothing left", frames=3),
                own=("cart.js", 2, "total"),
            ),
            crash(Exc("RangeError", "late\nand long"), own=("cart.spec.js", 14, "Context.<anonymous>")),
            crash(Exc("Error", "no shop"), own=("cart.spec.js", 19, "Context.<anonymous>")),
        ),
        {"cart.js": TESTED, "cart.spec.js": MOCHA},
        environment=CACHE,
    ),
    Case(
        "vitest",
        "vitest",
        npm("vitest", "npx vitest run"),
        (
            crash(Exc("TypeError", NO_REDUCE, frames=2), own=("cart.js", 2, "total"), layout="vitest"),
            crash(
                Exc("AssertionError", "expected 3 to be 4 // Object.is equality\n\n- Expected\n+ Received\n\n- 4\n+ 3"),
                own=("cart.test.mjs", 9, "<anonymous>"),
                layout="vitest",
            ),
            crash(
                Exc("TypeError", NO_ITEMS, CAUSE, frames=3),
                Exc("SoldOut", "nothing left", frames=2),
                own=("cart.js", 2, "total"),
                layout="vitest",
            ),
            crash(Exc("Unknown Error", "plain", frames=0), own=None, layout="vitest"),
            crash(Exc("RangeError", "late\nand long"), own=("cart.test.mjs", 16, "<anonymous>"), layout="vitest"),
        ),
        {"cart.js": TESTED, "cart.test.mjs": VITEST, "package.json": "{}"},
        environment=CACHE,
    ),
    Case(
        "node_test_tap",
        "node --test",
        "node --test --test-reporter=tap cart.test.mjs",
        (
            crash(Exc("TypeError", NO_REDUCE), own=("cart.js", 2, "total"), layout="node-test"),
            crash(
                Exc(
                    "AssertionError",
                    "Expected values to be strictly equal:\n\n3 !== 4",
                    notes=("code: 'ERR_ASSERTION'", "expected: 4", "actual: 3", "operator: 'strictEqual'"),
                ),
                own=("/home/ada/shop/cart.test.mjs", 10, "TestContext.<anonymous>"),
                layout="node-test",
            ),
            crash(Exc("SoldOut", "nothing left"), own=("cart.js", 16, "take"), layout="node-test"),
        ),
        {"cart.js": TESTED, "cart.test.mjs": NODE_TEST},
    ),
    Case(
        "node_test_spec",
        "node --test --test-reporter=spec",
        # The reporter prints every failure once more at the end; only what stands above that is recorded.
        "node --test --test-reporter=spec cart.test.mjs | sed '/failing tests:/,$ d'",
        (
            crash(Exc("TypeError", NO_REDUCE), own=("cart.js", 2, "total")),
            crash(
                Exc(
                    "AssertionError",
                    "Expected values to be strictly equal:\n\n3 !== 4",
                    notes=(
                        "generatedMessage: true",
                        "code: 'ERR_ASSERTION'",
                        "actual: 3",
                        "expected: 4",
                        "operator: 'strictEqual'",
                    ),
                ),
                own=("/home/ada/shop/cart.test.mjs", 10, "TestContext.<anonymous>"),
            ),
            crash(Exc("TypeError", NO_ITEMS, CAUSE), Exc("SoldOut", "nothing left"), own=("cart.js", 2, "total")),
        ),
        {"cart.js": TESTED, "cart.test.mjs": NODE_TEST},
    ),
    Case(
        "json_record",
        "pino's JSON",
        "node app.js; node short.js",
        (
            crash(*UNPRICED, own=PRICE_FRAME),
            crash(Exc("Error", "one frame", frames=1), own=("short.js", 3, "Object.<anonymous>")),
        ),
        {
            "app.js": LOGGED,
            "cart.js": CART,
            "short.js": "Error.stackTraceLimit = 1;\n\nconst { stack } = new Error('one frame');\n"
            "console.log(JSON.stringify({ level: 'error', stack }));\n",
        },
    ),
    Case(
        "in_containers",
        "docker compose",
        # docker compose prints `NAME  | ` before each line (docs.docker.com/reference/cli/docker/compose/logs).
        'node app.js 2>&1 | awk \'{print "api-1  | " $0; if (NR % 3 == 0) print "web-1  | GET /carts 200"}\'',
        (
            crash(
                Exc("Error", ENOENT, CAUSE, frames=10, notes=ENOENT_NOTES),
                Exc("Error", "cannot load /nowhere/cart.json", CAUSE, frames=9),
                Exc(
                    "CannotOpen",
                    message_start="the shop cannot open:",
                    notes=("shop: { town: 'Ulm', doors: [ 1, 2 ] }",),
                ),
                own=("app.js", 13, "load"),
            ),
        ),
        {"app.js": CHAIN},
    ),
    Case(
        "windows",
        "node on Windows",
        # Node prints the system's own paths, and URLs with a drive for ES modules (nodejs.org/api/esm.html#file-urls).
        "{ node app.js; node main.mjs; } 2>&1 | python windows.py",
        (
            crash(*UNPRICED, own=("C:/my shop/cart.js", 13, "<anonymous>")),
            crash(Exc("Error", "closed"), own=("C:/my shop/main.mjs", 1, "<anonymous>")),
        ),
        {
            "app.js": "const { Cart } = require('./cart');\nnew Cart([{}]);\n",
            "cart.js": CART,
            "main.mjs": "throw new Error('closed');\n",
            "windows.py": WINDOWS,
        },
    ),
    Case(
        "browser",
        "Chrome's console",
        "node app.js 2>&1 | grep -v 'node:' | sed -nE '/^TypeError/,$ p' | "
        'sed -E "s|$PWD/|http://localhost:3000/static/|; s|^TypeError|cart.js:13 Uncaught (in promise) TypeError|" | '
        "grep -v 'Node.js'",
        (crash(Exc("TypeError", NO_VALUE, frames=6), own=("http://localhost:3000/static/cart.js", 13, "<anonymous>")),),
        {"app.js": "const { Cart } = require('./cart');\nnew Cart([{}]);\n", "cart.js": CART},
    ),
    Case(
        "no_errors",
        "node --trace-warnings, console.trace",
        "node --trace-warnings app.js",
        (),
        {
            "app.js": "console.trace('TypeError at the door');\nprocess.emitWarning('no TypeError');\n"
            "console.log('Error: looked    at (nothing:1:2) in particular');\nconsole.log('[Error: no] {');\n"
            "console.log('Node.js v20 is fine');\n"
        },
    ),
)
