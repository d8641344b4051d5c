"""Programs in Ruby, PHP and C# that crash, and their failing tests.

Debian 12 has what most of them need: ``ruby`` 3.1 with rake, rspec, minitest and test-unit, ``php-cli`` 8.2 with
Xdebug, PHPUnit and Monolog, and Mono's compiler, runtime and Cecil (``mono-mcs``, ``mono-devel``). Ruby 3.4 is the
npm package ``@ruby/3.4-wasm-wasi``, run by Node.js; .NET Core 3.1 is the package ``dotnetcore2`` of PyPI.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.parsing.recorders.base import CAUSE, MEMBER, Case, Crash, Exc

Place = tuple[str, int | None, str]


def needing(*tools: str) -> str:
    """The beginning of a command that fails as one that does not exist where a tool is missing."""
    return "".join(f"command -v {tool} >/dev/null || {{ echo '{tool} is needed'; exit 127; }}; " for tool in tools)


# Ruby


def ruby(*exceptions: Exc, own: Place | None, missing: tuple[str, ...] = ()) -> Crash:
    """A crash of a Ruby program."""
    return Crash(exceptions, own, "ruby", "ruby", missing)


def ruby_case(
    name: str,
    source: str,
    files: Mapping[str, str],
    *crashes: Crash,
    command: str = "ruby shop.rb",
    tools: tuple[str, ...] = ("ruby",),
) -> Case:
    """A Ruby program, run by Debian 12's interpreter."""
    return Case(name, source, needing(*tools) + command, crashes, files)


CART_RB = """\
class Cart
  def initialize(items)
    @items = items
  end

  def total
    @items.sum { |item| item.price }
  end

  def first
    @items.fetch(9)
  rescue IndexError
    raise ArgumentError, "no first item\\nin an empty cart – 空"
  end
end
"""
NO_PRICE = Exc("NoMethodError", "undefined method `price' for nil:NilClass")
NO_PRICE_34 = Exc("NoMethodError", "undefined method 'price' for nil")
NOT_FIRST = "no first item\nin an empty cart – 空"
OUTSIDE = "index 9 outside of array bounds: 0...0"

RUBY_34 = """\
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { WASI } from "node:wasi";

const place = process.argv[2];
const { RubyVM } = createRequire(place + "/")("@ruby/wasm-wasi");
const wasi = new WASI({ version: "preview1", env: process.env, preopens: { "/": "/", ".": "." } });
const interpreter = place + "/node_modules/@ruby/3.4-wasm-wasi/dist/ruby+stdlib.wasm";
const module = await WebAssembly.compile(await readFile(interpreter));
const { vm } = await RubyVM.instantiateModule({
  module, wasip1: { wasiImport: wasi.wasiImport, initialize: (instance) => wasi.initialize(instance) },
});
// The program is run as if it were the main one; `full_message` is what the interpreter prints when it ends.
vm.eval(`
  begin
    RubyVM::InstructionSequence.compile_file("shop.rb").eval
  rescue Exception => error
    cause = error
    while cause
      cause.set_backtrace(cause.backtrace.grep_v(/^(?:eval|-e|<internal:)/))
      cause = cause.cause
    end
    $stderr.print error.full_message(highlight: false)
  end`);
process.exit(0);
"""


def ruby34_case(name: str, files: Mapping[str, str], *crashes: Crash) -> Case:
    """A Ruby program, run by CRuby 3.4; in WebAssembly the interpreter itself fails now and then."""
    command = (
        'place="${TMPDIR:-/tmp}/recording-ruby-3.4"; mkdir -p "$place"; '
        '[ -d "$place/node_modules" ] || npm install --silent --prefix "$place" @ruby/3.4-wasm-wasi@2 >npm.log 2>&1 '
        "|| { cat npm.log; exit 127; }; "
        "for attempt in 1 2 3 4 5 6 7 8 9; do "
        'node --no-warnings --single-threaded ruby34.mjs "$place" >printed 2>&1 && break; done; cat printed'
    )
    return Case(name, "ruby 3.4", needing("node", "npm") + command, crashes, {**files, "ruby34.mjs": RUBY_34})


RUBY_CASES = (
    ruby_case(
        "ruby_uncaught",
        "ruby 3.1",
        {"cart.rb": CART_RB, "shop.rb": 'require_relative "cart"\nputs "start"\nCart.new([nil]).total\n'},
        ruby(Exc(NO_PRICE.type, NO_PRICE.message, frames=4), own=("cart.rb", 7, "block in total")),
    ),
    ruby_case(
        "ruby_cause_with_lines",
        "ruby 3.1",
        {"cart.rb": CART_RB, "shop.rb": 'require_relative "cart"\nCart.new([]).first\n'},
        ruby(
            Exc("IndexError", OUTSIDE, CAUSE, frames=3),
            Exc("ArgumentError", NOT_FIRST, frames=3),
            own=("cart.rb", 11, "fetch"),
        ),
    ),
    ruby_case(
        "ruby_three_causes",
        "ruby 3.1",
        {
            "shop.rb": (
                "def stock = {}.fetch(:apple)\n"
                "def count\n  stock\nrescue KeyError\n  raise 'no count'\nend\n"
                "def sell\n  count\nrescue => error\n  raise IOError, 'sold out', cause: error\nend\n"
                "sell\n"
            )
        },
        ruby(
            Exc("KeyError", "key not found: :apple", CAUSE),
            Exc("RuntimeError", "no count", CAUSE),
            Exc("IOError", "sold out"),
            own=("shop.rb", 1, "fetch"),
        ),
    ),
    ruby_case(
        "ruby_did_you_mean",
        "ruby 3.1",
        {"shop.rb": "def price(item)\n  item.lenght\nend\nprice('apple')\n"},
        ruby(
            Exc("NoMethodError", 'undefined method `lenght\' for "apple":String', notes=("Did you mean?  length",)),
            own=("shop.rb", 2, "price"),
        ),
    ),
    ruby_case(
        "ruby_without_frames",
        "ruby 3.1",
        {"shop.rb": "$stderr.puts 'start'\ncost = 1\nputs csot\n"},
        ruby(
            Exc(
                "NameError",
                "undefined local variable or method `csot' for main:Object",
                frames=1,
                notes=("Did you mean?  cost",),
            ),
            own=("shop.rb", 3, "<main>"),
        ),
        command="ruby shop.rb; echo 'exit status 1'",
    ),
    ruby_case(
        "ruby_too_deep",
        "ruby 3.1",
        {"shop.rb": "def walk(node)\n  walk(node)\nend\nwalk(nil)\n"},
        ruby(
            Exc("SystemStackError", "stack level too deep"),
            own=("shop.rb", 2, "walk"),
            missing=("frames in the middle",),
        ),
    ),
    ruby_case(
        "ruby_thread",
        "ruby 3.1",
        {"shop.rb": "worker = Thread.new do\n  Integer('x1')\nend\nworker.join\n"},
        ruby(Exc("ArgumentError", 'invalid value for Integer(): "x1"', frames=2), own=("shop.rb", 2, "Integer")),
    ),
    ruby_case(
        "ruby_threads_that_go_on",
        "ruby 3.1",
        {
            "shop.rb": (
                "%w[apple pear].each do |name|\n  Thread.new { raise KeyError, name }.join rescue puts 'went on'\nend\n"
            )
        },
        ruby(Exc("KeyError", "apple"), own=("shop.rb", 2, "block (2 levels) in <main>")),
        ruby(Exc("KeyError", "pear"), own=("shop.rb", 2, "block (2 levels) in <main>")),
    ),
    ruby_case(
        "ruby_uncaught_throw",
        "ruby 3.1",
        {"shop.rb": "def leave = throw(:done)\nleave\n"},
        ruby(Exc("UncaughtThrowError", "uncaught throw :done", frames=3), own=("shop.rb", 1, "throw")),
    ),
    ruby_case(
        "ruby_no_message",
        "ruby 3.1",
        {"shop.rb": "def stop = raise('')\nstop\n"},
        ruby(Exc("RuntimeError", "", frames=2), own=("shop.rb", 1, "stop")),
    ),
    ruby_case(
        "ruby_interrupted",
        "ruby 3.1",
        {"shop.rb": "def stop = Process.kill(:INT, $$)\nstop\nsleep 5\n"},
        ruby(Exc("Interrupt", ""), own=("shop.rb", 1, "kill")),
    ),
    ruby_case(
        "ruby_own_type_and_lines",
        "ruby 3.1",
        {
            "shop.rb": (
                'module Shop\n  class SoldOut < StandardError\n    def message = "no apples\\n\\n  '
                'of: 3 (three)\\n"\n  end\n'
                "  def self.sell = raise(SoldOut)\nend\nShop.sell\n"
            )
        },
        ruby(
            Exc("Shop::SoldOut", message_start="no apples\n\n  of: 3 (three)"),
            own=("shop.rb", 5, "sell"),
        ),
    ),
    ruby_case(
        "ruby_syntax_error",
        "ruby 3.1",
        {"shop.rb": "def total(\n  1 +\nend\n"},
        ruby(
            Exc("SyntaxError", message_start="syntax error, unexpected integer literal, expecting ')'"),
            own=("shop.rb", 2, ""),
        ),
    ),
    ruby_case(
        "ruby_syntax_error_required",
        "ruby 3.1",
        {"cart.rb": "def total\n  (1\nend\n", "shop.rb": 'require_relative "cart"\n'},
        ruby(
            Exc("SyntaxError", message_start="syntax error, unexpected `end', expecting ')'", frames=3),
            own=("cart.rb", 3, ""),
        ),
    ),
    ruby_case(
        "ruby_not_found",
        "ruby 3.1",
        {"shop.rb": 'require "nothing/there"\n'},
        ruby(Exc("LoadError", "No such file or directory -- shpo.rb"), own=None),
        ruby(Exc("LoadError", "cannot load such file -- nothing/there"), own=("shop.rb", 1, "<main>")),
        command="ruby shpo.rb; ruby shop.rb",
    ),
    ruby_case(
        "ruby_upside_down",
        "ruby full_message(order: :bottom), as Ruby 2.5 to 2.7",
        {
            "cart.rb": CART_RB,
            "shop.rb": (
                'require_relative "cart"\n'
                "def report(error) = puts(error.full_message(highlight: false, order: :bottom))\n"
                "begin\n  Cart.new([]).first\nrescue => error\n  report(error)\nend\n"
                "begin\n  Cart.new([nil]).total\nrescue => error\n  report(error)\nend\nputs 'done'\n"
            ),
        },
        ruby(
            Exc("IndexError", OUTSIDE, CAUSE, frames=3),
            # Nothing tells the rest of a last message from other output.
            Exc("ArgumentError", "no first item", frames=3),
            own=("cart.rb", 11, "fetch"),
        ),
        ruby(Exc(NO_PRICE.type, NO_PRICE.message, frames=4), own=("cart.rb", 7, "block in total")),
    ),
    ruby_case(
        "ruby_in_a_row",
        "ruby 3.1, run anew after each crash",
        {"shop.rb": 'def work(n) = raise(ArgumentError, "no #{n}")\nwork(ARGV[0])\n'},
        *(ruby(Exc("ArgumentError", f"no {n}", frames=2), own=("shop.rb", 1, "work")) for n in (1, 2, 3)),
        command="for n in 1 2 3; do ruby shop.rb $n; done",
    ),
    ruby_case(
        "ruby_logger",
        "Logger#error",
        {
            "cart.rb": CART_RB,
            "shop.rb": (
                'require "logger"\nrequire_relative "cart"\nlog = Logger.new($stdout)\nlog.info("start")\n'
                "begin\n  Cart.new([nil]).total\nrescue => error\n  log.error(error)\n  "
                "log.warn('shop') { error }\nend\n"
                "log.info('done')\n"
            ),
        },
        *[ruby(NO_PRICE, own=("cart.rb", 7, "block in total"))] * 2,
    ),
    ruby_case(
        "ruby_printed_by_hand",
        "puts error.class, error.message, error.backtrace",
        {
            "cart.rb": CART_RB,
            "shop.rb": (
                'require_relative "cart"\n'
                "begin\n  Cart.new([nil]).total\nrescue => error\n"
                '  puts "failed: #{error.inspect}", error.backtrace\n'
                '  puts "#{error.class}: #{error.message}", error.backtrace.map { |line| "  #{line}" }\nend\n'
            ),
        },
        ruby(
            Exc("NoMethodError", message_start="undefined method `price' for nil"), own=("cart.rb", 7, "block in total")
        ),
        ruby(
            Exc("NoMethodError", message_start="undefined method `price' for nil"), own=("cart.rb", 7, "block in total")
        ),
    ),
    # The record's layout is that of `ActionDispatch::DebugExceptions#log_error` and of `Logger::Formatter`.
    ruby_case(
        "ruby_rails_log",
        "Rails 7, production.log",
        {
            "app/models/cart.rb": CART_RB,
            "shop.rb": (
                'require "logger"\nrequire_relative "app/models/cart"\nlog = Logger.new($stdout)\nid '
                '= "[7c0e4f5a-11]"\n'
                'log.info("#{id} Completed 500 Internal Server Error in 3ms")\n'
                "begin\n  Cart.new([]).first\nrescue => error\n"
                '  cause = error.cause\n  name = ->(e) { "#{e.class} (#{e.message})" }\n'
                '  trace = ->(e) { e.backtrace.map { |line| line.delete_prefix("#{Dir.pwd}/") } }\n'
                '  rows = ["  ", name[error], "Caused by: #{name[cause]}", "", "Information for: '
                '#{name[error]}:", "  ", *trace[error],\n'
                '          "", "Information for cause: #{name[cause]}:", "  ", *trace[cause]]\n'
                '  rows.join("\\n").lines(chomp: true).each { |row| log.fatal("#{id} #{row}") }\nend\n'
                'log.info("#{id} Started GET /")\n'
            ),
        },
        ruby(
            Exc("IndexError", OUTSIDE, CAUSE, frames=3),
            Exc("ArgumentError", NOT_FIRST, frames=3),
            own=("cart.rb", 11, "fetch"),
        ),
    ),
    # `DebugExceptions#log_error` again, as a development log shows it; since Rails 7.1 the message is the detailed one.
    ruby_case(
        "ruby_rails_development",
        "Rails 7.1, development.log",
        {
            "app/models/cart.rb": CART_RB,
            "shop.rb": (
                'require_relative "app/models/cart"\nputs "Completed 500 Internal Server Error in 3ms"\n'
                "begin\n  Cart.new([nil]).total\nrescue => error\n"
                '  puts "  ", "#{error.class} (#{error.full_message(highlight: false)[/.*: '
                '(.*?)\\s*\\tfrom/m, 1]}):"\n'
                '  puts "  ", error.backtrace.map { |line| line.delete_prefix("#{Dir.pwd}/") }\nend\n'
                'puts "Started GET \\"/\\" for ::1"\n'
            ),
        },
        ruby(NO_PRICE, own=("cart.rb", 7, "block in total")),
    ),
    ruby_case(
        "ruby_rake",
        "rake",
        {"cart.rb": CART_RB, "Rakefile": 'require_relative "cart"\n\ntask(:default) { Cart.new([]).first }\n'},
        ruby(Exc("IndexError", OUTSIDE, CAUSE), Exc("ArgumentError", NOT_FIRST), own=("cart.rb", 11, "fetch")),
        command="rake",
        tools=("rake",),
    ),
    ruby_case(
        "ruby_rspec",
        "rspec 3",
        {
            "cart.rb": CART_RB,
            "cart_spec.rb": (
                'require_relative "cart"\n\nRSpec.describe Cart do\n'
                '  it("has a first") { expect(Cart.new([]).first.to_s).to eq("3") }\n\n'
                "  it 'has a total' do\n    expect(Cart.new([]).total)\n      .to eq(3)\n  end\n\n"
                "  it 'has prices' do\n    Cart.new([nil]).total\n  end\n\n"
                "  it 'is whole', :aggregate_failures do\n    expect(1).to eq 2\n    expect(3).to eq 4\n  end\n\n"
                "  context('with a hook') { before { raise 'in hook' }; it('runs') {} }\n\n"
                "  it('is fine') { expect(1).to eq 1 }\nend\n"
            ),
        },
        ruby(
            Exc("IndexError", OUTSIDE, CAUSE, frames=1),
            Exc("ArgumentError", NOT_FIRST, frames=3),
            own=("cart.rb", 11, "fetch"),
        ),
        ruby(
            Exc(
                "RSpec::Expectations::ExpectationNotMetError",
                "expected: 3\n     got: 0\n\n(compared using ==)",
                frames=1,
            ),
            own=("cart_spec.rb", 7, "block (2 levels) in <top (required)>"),
        ),
        ruby(Exc(NO_PRICE.type, NO_PRICE.message, frames=4), own=("cart.rb", 7, "block in total")),
        ruby(
            Exc("RSpec::Expectations::ExpectationNotMetError", "expected: 2\n     got: 1\n\n(compared using ==)"),
            own=("cart_spec.rb", 16, "block (2 levels) in <top (required)>"),
        ),
        ruby(
            Exc("RSpec::Expectations::ExpectationNotMetError", "expected: 4\n     got: 3\n\n(compared using ==)"),
            own=("cart_spec.rb", 17, "block (2 levels) in <top (required)>"),
        ),
        ruby(Exc("RuntimeError", "in hook"), own=("cart_spec.rb", 20, "block (3 levels) in <top (required)>")),
        command="rspec cart_spec.rb",
        tools=("rspec",),
    ),
    ruby_case(
        "ruby_rspec_load",
        "rspec 3",
        {"cart_spec.rb": 'raise "at load"\n'},
        ruby(Exc("RuntimeError", "at load", frames=1), own=("cart_spec.rb", 1, "<top (required)>")),
        command="rspec cart_spec.rb",
        tools=("rspec",),
    ),
    ruby_case(
        "ruby_minitest",
        "minitest 5",
        {
            "cart.rb": CART_RB,
            "cart_test.rb": (
                'require "minitest/autorun"\nrequire_relative "cart"\n\nclass CartTest < Minitest::Test\n'
                "  i_suck_and_my_tests_are_order_dependent!\n\n"
                "  def test_a_total = Cart.new([nil]).total\n\n"
                "  def test_b_first = Cart.new([]).first\n\n"
                '  def test_c_sum = assert_equal(3, 1 + 1, "sum of two")\n\n'
                '  def test_d_text = assert_equal("a\\nb\\nc\\n", "a\\nb\\nd\\n")\n\n'
                '  def test_e_later = skip("later")\nend\n'
            ),
        },
        ruby(NO_PRICE, own=("cart.rb", 7, "block in total")),
        ruby(Exc("ArgumentError", NOT_FIRST), own=("cart.rb", 13, "rescue in first")),
        ruby(
            Exc("Minitest::Assertion", "sum of two.\nExpected: 3\n  Actual: 2", frames=1),
            own=("cart_test.rb", 11, "CartTest#test_c_sum"),
        ),
        ruby(
            Exc("Minitest::Assertion", message_start="--- expected\n+++ actual\n@@ "),
            own=("cart_test.rb", 13, "CartTest#test_d_text"),
        ),
        command="ruby cart_test.rb --seed 1",
    ),
    ruby_case(
        "ruby_test_unit",
        "test-unit 3",
        {
            "cart.rb": CART_RB,
            "cart_test.rb": (
                'require "test/unit"\nrequire_relative "cart"\n\nclass CartTest < Test::Unit::TestCase\n'
                "  def test_sum\n    assert_equal(3, 1 + 1)\n  end\n\n"
                "  def test_total\n    Cart.new([nil]).total\n  end\nend\n"
            ),
        },
        ruby(
            Exc("Test::Unit::AssertionFailedError", "<3> expected but was\n<2>"),
            own=("cart_test.rb", 6, "test_sum"),
        ),
        ruby(NO_PRICE, own=("cart.rb", 7, "block in total")),
        command="ruby cart_test.rb",
    ),
    ruby_case(
        "ruby_cut_off",
        "ruby 3.1 | tail -n 4",
        {"cart.rb": CART_RB, "shop.rb": 'require_relative "cart"\nputs "start"\nCart.new([nil]).total\n'},
        ruby(Exc("", "", frames=3), own=("cart.rb", 7, "sum"), missing=("what stood above line 1",)),
        command="ruby shop.rb 2>&1 | tail -n 4",
    ),
    ruby_case(
        "ruby_in_json",
        "a JSON logger",
        {
            "cart.rb": CART_RB,
            "shop.rb": (
                'require "json"\nrequire_relative "cart"\nbegin\n  Cart.new([]).first\nrescue => error\n'
                "  puts({level: 'error', message: 'failed', error: error.full_message(highlight: false)}.to_json)\n"
                '  puts({level: "error", stack: ["#{error.class}: #{error.message.inspect}", '
                '*error.backtrace].join("\\n")}.to_json)\n'
                "end\n"
            ),
        },
        ruby(Exc("IndexError", OUTSIDE, CAUSE), Exc("ArgumentError", NOT_FIRST), own=("cart.rb", 11, "fetch")),
        ruby(Exc("ArgumentError", message_start='"no first item'), own=("cart.rb", 13, "rescue in first")),
    ),
    # The layout of `docker compose logs`: https://docs.docker.com/reference/cli/docker/compose/logs/
    ruby_case(
        "ruby_compose",
        "docker compose logs",
        {"cart.rb": CART_RB, "shop.rb": 'require_relative "cart"\nputs "start"\nCart.new([]).first\n'},
        ruby(Exc("IndexError", OUTSIDE, CAUSE), Exc("ArgumentError", NOT_FIRST), own=("cart.rb", 11, "fetch")),
        command="ruby shop.rb 2>&1 | sed 's/^/web-1  | /' | awk '{ print } NR % 3 == 0 { print \"db-1   | ready\" }'",
    ),
    ruby_case(
        "ruby_no_crash",
        "ruby -w, caller, a debug log",
        {
            "shop.rb": (
                "def total(unused)\n  puts 'called from:', caller\n"
                '  puts "#{caller_locations(0, 1).first}: checking (twice)"\n  warn "late", uplevel: '
                "0\n  1\nend\ntotal(1)\n"
                "puts 'see https://example.org/ruby: in `total` there is :in `x`', 'it failed, from "
                "shop:in \\'x\\''\n"
            )
        },
        command="ruby -w shop.rb",
    ),
    ruby34_case(
        "ruby34_cause_with_lines",
        {
            "cart.rb": CART_RB,
            "shop.rb": 'puts "start"\n' + CART_RB.replace("Cart", "Basket") + "Basket.new([]).first\n",
        },
        ruby(
            Exc("IndexError", OUTSIDE, CAUSE, frames=3),
            Exc("ArgumentError", NOT_FIRST, frames=2),
            own=("shop.rb", 12, "Array#fetch"),
        ),
    ),
    ruby34_case(
        "ruby34_uncaught",
        {"shop.rb": CART_RB + "Cart.new([nil]).total\n"},
        ruby(Exc(NO_PRICE_34.type, NO_PRICE_34.message, frames=4), own=("shop.rb", 7, "block in Cart#total")),
    ),
    # The layout of Prism, Ruby's parser since 3.4: `pm_parse_errors_format` in prism_compile.c.
    ruby_case(
        "ruby34_syntax_error",
        "ruby 3.4",
        {
            "printed.txt": (
                "shop.rb:1:in 'Kernel#require_relative': /home/ada/shop/cart.rb:3: syntax errors "
                "found (SyntaxError)\n"
                "  1 | def total\n  2 |   (1\n> 3 | end\n    | ^~~ unexpected 'end', expecting a `)` "
                "to close the parentheses\n"
                "> 4 | \n    | ^ expected an `end` to close the `def` clause\n"
                "\tfrom shop.rb:1:in '<main>'\n"
                "cart.rb:1: syntax error found (SyntaxError)\n> 1 | 1 +\n    |    ^ unexpected end-of-input\n"
            )
        },
        ruby(
            Exc("SyntaxError", message_start="syntax errors found\n  1 | def total\n  2 |   (1\n> 3 | end\n", frames=3),
            own=("cart.rb", 3, ""),
        ),
        ruby(
            Exc("SyntaxError", "syntax error found\n> 1 | 1 +\n    |    ^ unexpected end-of-input", frames=1),
            own=("cart.rb", 1, ""),
        ),
        command="cat printed.txt",
    ),
)

# PHP


def php(*exceptions: Exc, own: Place | None, missing: tuple[str, ...] = ()) -> Crash:
    """A crash of a PHP program."""
    return Crash(exceptions, own, "php", "php", missing)


def php_case(
    name: str,
    source: str,
    files: Mapping[str, str],
    *crashes: Crash,
    command: str = "$php shop.php",
    tools: tuple[str, ...] = ("php",),
) -> Case:
    """A PHP program, run by Debian 12's interpreter without any configuration; the log is standard error."""
    settings = "php='php -n -d display_errors=0 -d log_errors=1 -d error_reporting=-1'; "
    return Case(name, source, needing(*tools) + settings + command, crashes, files)


CART_PHP = r"""<?php
namespace Shop;

class Cart {
    public function __construct(private array $items) {}

    public function total(): int {
        return array_sum(array_map(function ($item) { return $item->price(); }, $this->items));
    }

    public static function make(array $items): int {
        try {
            return (new self($items))->total();
        } catch (\Error $error) {
            throw new \RuntimeException("no total\nof 3 items – 空", 3, $error);
        }
    }
}
"""
SHOP_PHP = """<?php
require __DIR__ . '/cart.php';
echo "start\\n";
function bill($items, $name) { return \\Shop\\Cart::make($items); }
bill([null], 'a (long) name: with brackets');
"""
ON_NULL = "Call to a member function price() on null"
NO_TOTAL = "no total\nof 3 items – 空"
BILLED = php(
    Exc("Error", ON_NULL, CAUSE, frames=6),
    Exc("RuntimeException", NO_TOTAL, frames=3),
    own=("cart.php", 8, r"Shop\Cart->Shop\{closure}"),
)
CAUGHT = (
    "try { Shop\\Cart::make([null]); } catch (Throwable $error) { "
    "$log->error('It failed: ' . $error->getMessage(), ['userId' => 3, 'exception' => $error]); }\n"
)
MONOLOG = "<?php\nrequire '/usr/share/php/Monolog/autoload.php';\nrequire __DIR__ . '/cart.php';\n"

PHP_CASES = (
    php_case("php_log", "php 8.2, log", {"cart.php": CART_PHP, "shop.php": SHOP_PHP}, BILLED),
    php_case(
        "php_display",
        "php 8.2, display",
        {"cart.php": CART_PHP, "shop.php": SHOP_PHP},
        BILLED,
        command="php -n -d display_errors=1 -d log_errors=0 shop.php",
    ),
    php_case(
        "php_log_and_display",
        "php 8.2, log and display",
        {"cart.php": CART_PHP, "shop.php": SHOP_PHP},
        BILLED,
        BILLED,
        command="for n in 1 2; do php -n -d display_errors=1 -d log_errors=1 shop.php; echo; done",
    ),
    php_case(
        "php_html",
        "php 8.2, html_errors",
        {"cart.php": CART_PHP, "shop.php": SHOP_PHP},
        BILLED,
        command="php -n -d display_errors=1 -d log_errors=0 -d html_errors=1 shop.php",
    ),
    php_case(
        "php_type_error",
        "php 8.2, log",
        {"shop.php": "<?php\nfunction total(int $n) {\n    return $n;\n}\n\ntotal('x');\n"},
        php(
            Exc(
                "TypeError",
                "total(): Argument #1 ($n) must be of type int, string given, called in "
                "/home/ada/shop/shop.php on line 6",
                frames=2,
            ),
            own=("shop.php", 2, "total"),
        ),
    ),
    php_case(
        "php_no_message",
        "php 8.2, log",
        {"shop.php": "<?php\nclass SoldOut extends Exception {}\nfunction sell() { throw new SoldOut(); }\nsell();\n"},
        php(Exc("SoldOut", "", frames=2), own=("shop.php", 3, "sell")),
    ),
    php_case(
        "php_frames",
        "php 8.2, log",
        {
            "shop.php": (
                "<?php\nclass Cart {\n    function __call($name, $all) { return self::find($name); }\n"
                '    static function find($name) { throw new LogicException("no $name in (a) {b}: c"); }\n}\n'
                "$each = function ($cart) {\n    return $cart->lost(new stdClass, [1], 'in (x)', 1.5, null);\n};\n"
                "usort($carts, fn () => 0) ?? 0;\n"
            ).replace("usort($carts, fn () => 0) ?? 0;", "array_map($each, [new class extends Cart {}]);")
        },
        php(
            Exc("LogicException", "no lost in (a) {b}: c", frames=5),
            own=("shop.php", 4, "Cart::find"),
        ),
    ),
    php_case(
        "php_parse_error",
        "php 8.2, log",
        {"cart.php": "<?php\nfunction total( {\n", "shop.php": "<?php\n\nrequire 'cart.php';\n"},
        php(
            Exc("ParseError", 'syntax error, unexpected token "{", expecting variable', frames=1),
            own=("cart.php", 2, "{main}"),
        ),
        php(
            Exc("Parse error", 'syntax error, unexpected token "{", expecting variable', frames=1),
            own=("cart.php", 2, ""),
        ),
        command="$php -r \"try { require 'cart.php'; } catch (ParseError \\$e) { echo \\$e, PHP_EOL; }\"; "
        "$php cart.php",
    ),
    php_case(
        "php_fatal_errors",
        "php 8.2, log",
        {
            "memory.php": "<?php\n$all = [];\nwhile (true) {\n    $all[] = str_repeat('x', 9999);\n}\n",
            "abstract.php": "<?php\nclass Cart { function total(); }\n",
            "user.php": '<?php\nfunction stop() {\n    trigger_error("no way\\nout", E_USER_ERROR);\n}\nstop();\n',
        },
        php(
            Exc("Fatal error", message_start="Allowed memory size of 2097152 bytes exhausted (tried to allocate "),
            own=("memory.php", 4, ""),
        ),
        php(Exc("Fatal error", "Non-abstract method Cart::total() must contain body"), own=("abstract.php", 2, "")),
        php(Exc("Fatal error", "no way\nout"), own=("user.php", 3, "")),
        command="$php -d memory_limit=2M memory.php; $php abstract.php; $php user.php",
    ),
    php_case(
        "php_xdebug",
        "php 8.2 with Xdebug",
        {
            "user.php": "<?php\nfunction stop($all) {\n    trigger_error('no way', E_USER_ERROR);\n}\nstop([1]);\n",
            "shop.php": SHOP_PHP,
            "cart.php": CART_PHP,
        },
        php(Exc("Fatal error", "no way", frames=2), own=("user.php", 3, "stop")),
        BILLED,
        command="php -m | grep -q Xdebug || exit 127; php -d display_errors=0 -d log_errors=1 user.php; "
        "php -d display_errors=0 -d log_errors=1 shop.php",
    ),
    php_case(
        "php_printed_by_hand",
        "echo $error; error_log($error)",
        {
            "cart.php": CART_PHP,
            "shop.php": (
                "<?php\nrequire __DIR__ . '/cart.php';\nfunction bill($items) { return Shop\\Cart::make($items); }\n"
                'try { bill([null]); } catch (Throwable $error) {\n    echo "It failed: $error\\n";\n'
                '    error_log($error);\n}\necho "done\\n";\n'
            ),
        },
        BILLED,
        BILLED,
    ),
    php_case(
        "php_warnings",
        "php 8.2, log",
        {
            "shop.php": (
                "<?php\necho $nothing;\n$all = [1];\necho $all['x'] ?? '', $all[7], strlen(null), \"\\n\";\n"
                "trigger_error('Uncaught Error: so to speak in shop.php:3', E_USER_WARNING);\n"
                "debug_print_backtrace();\nfunction f() { debug_print_backtrace(); }\nf();\n"
                "echo 'a Fatal error: it is said, is one in cart.php', \"\\n\", 'Stack trace:', \"\\n\";\n"
            )
        },
    ),
    # The layout of `error_log` with a file: main/main.c, `php_log_err_with_severity`.
    php_case(
        "php_error_log_file",
        "php 8.2, error_log=php_errors.log",
        {"cart.php": CART_PHP, "shop.php": SHOP_PHP},
        BILLED,
        BILLED,
        command="for n in 1 2; do $php -d error_log=php_errors.log shop.php >/dev/null; done; cat php_errors.log",
    ),
    # nginx quotes what PHP-FPM sends: src/http/modules/ngx_http_fastcgi_module.c
    php_case(
        "php_nginx",
        "nginx and PHP-FPM, error.log",
        {"cart.php": CART_PHP, "shop.php": SHOP_PHP},
        BILLED,
        command="$php shop.php 2>&1 >/dev/null | sed '1s/^/2026\\/11\\/20 10:00:00 [error] 31#31: *5 "
        'FastCGI sent in stderr: "PHP message: /; '
        "$s/$/\" while reading response header from upstream, client: 10.0.0.1, server: shop/'",
    ),
    # Apache escapes line ends: server/log.c, `ap_escape_errorlog_item`.
    php_case(
        "php_apache",
        "Apache, error.log",
        {"cart.php": CART_PHP, "shop.php": SHOP_PHP},
        BILLED,
        command='$php shop.php 2>&1 >/dev/null | awk \'{ printf "%s%s", (NR > 1 ? "\\\\n" : '
        '"[Fri Nov 20 10:00:00.123456 2026] [php:error] [pid 31] [client 10.0.0.1:5123] "), $0 } END { print "" }\'',
    ),
    php_case(
        "php_monolog",
        "Monolog 2, LineFormatter as Laravel configures it",
        {
            "cart.php": CART_PHP,
            "shop.php": MONOLOG
            + "$log = new Monolog\\Logger('production');\n"
            + "$handler = new Monolog\\Handler\\StreamHandler('php://stdout');\n"
            + "$format = new Monolog\\Formatter\\LineFormatter(null, 'Y-m-d H:i:s', true, true, true);\n"
            + "$log->pushHandler($handler->setFormatter($format));\n"
            + "$log->info('start');\n"
            + CAUGHT * 2
            + "$log->info('done', ['at' => 'Stack trace: [object] (none)']);\n",
        },
        *[
            php(
                Exc("Error", ON_NULL, CAUSE, frames=5),
                Exc("RuntimeException", NO_TOTAL, frames=2),
                own=("cart.php", 8, r"Shop\Cart->Shop\{closure}"),
            )
        ]
        * 2,
        tools=("php", "phpunit"),
    ),
    php_case(
        "php_monolog_one_line",
        "Monolog 2, default format and JSON",
        {
            "cart.php": CART_PHP,
            "shop.php": MONOLOG
            + "$log = new Monolog\\Logger('production');\n"
            + "$log->pushHandler(new Monolog\\Handler\\StreamHandler('php://stdout'));\n"
            + CAUGHT,
        },
        php(
            Exc("Error", ON_NULL, CAUSE, frames=1),
            Exc("RuntimeException", NO_TOTAL, frames=1),
            own=("cart.php", 8, ""),
        ),
    ),
    php_case(
        "php_phpunit",
        "PHPUnit 9",
        {
            "cart.php": CART_PHP,
            "CartTest.php": (
                "<?php\nrequire_once __DIR__ . '/cart.php';\n\nclass CartTest extends "
                "PHPUnit\\Framework\\TestCase {\n"
                "    public function testTotal() { (new Shop\\Cart([null]))->total(); }\n\n"
                "    public function testMake() { Shop\\Cart::make([null]); }\n\n"
                "    public function testSum() { $this->assertSame([1, 2], [1, 3], 'the sums'); }\n\n"
                "    public function testRisky() { }\n\n"
                "    public function testFail() { $this->fail('not yet'); }\n\n"
                "    /** @dataProvider rows */\n    public function testRow($a) { "
                '$this->assertEquals("a\\nb", $a); }\n\n'
                "    public function rows() { return ['one' => [\"a\\nc\"]]; }\n}\n"
            ),
        },
        php(Exc("Error", ON_NULL, frames=2), own=("cart.php", 8, "")),
        php(
            Exc("Error", ON_NULL, CAUSE, frames=3), Exc("RuntimeException", NO_TOTAL, frames=2), own=("cart.php", 8, "")
        ),
        php(
            Exc(
                r"PHPUnit\Framework\ExpectationFailedException",
                message_start="the sums\nFailed asserting that two arrays are identical.\n--- Expected\n+++ Actual\n",
            ),
            own=("CartTest.php", 9, "CartTest::testSum"),
        ),
        php(
            Exc(r"PHPUnit\Framework\ExpectationFailedException", "not yet"),
            own=("CartTest.php", 13, "CartTest::testFail"),
        ),
        php(
            Exc(
                r"PHPUnit\Framework\ExpectationFailedException",
                message_start="Failed asserting that two strings are equal.",
            ),
            own=("CartTest.php", 16, "CartTest::testRow"),
        ),
        command="phpunit CartTest.php",
        tools=("phpunit",),
    ),
    php_case(
        "php_cut_off",
        "php 8.2 | head -n 4",
        {"cart.php": CART_PHP, "shop.php": SHOP_PHP},
        php(
            Exc("Error", ON_NULL),
            own=("cart.php", 8, r"Shop\Cart->Shop\{closure}"),
            missing=("the end of the stack: it breaks off after line 4",),
        ),
        command="$php shop.php 2>&1 >/dev/null | head -n 4",
    ),
)

# .NET


def dotnet(*exceptions: Exc, own: Place | None, missing: tuple[str, ...] = ()) -> Crash:
    """A crash of a C# program."""
    return Crash(exceptions, own, "csharp", "dotnet", missing)


SYMBOLS_CS = """\
// Mono's compiler writes symbols that only Mono reads; this copies them for .NET.
using System.Collections.Generic;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.CompilerServices.SymbolWriter;

class Symbols {
    static void Main(string[] names) {
        var module = ModuleDefinition.ReadModule(names[0]);
        var documents = new Dictionary<string, Document>();
        using (var symbols = MonoSymbolFile.ReadSymbolFile(names[0] + ".mdb"))
            foreach (var entry in symbols.Methods) {
                var method = (MethodDefinition) module.LookupToken(entry.Token);
                var file = entry.CompileUnit.SourceFile.FileName;
                if (!documents.ContainsKey(file)) documents[file] = new Document(file);
                var debug = method.DebugInformation;
                debug.Scope = new ScopeDebugInformation(method.Body.Instructions[0], null);
                foreach (var line in entry.GetLineNumberTable().LineNumbers)
                    foreach (var instruction in method.Body.Instructions)
                        if (instruction.Offset == line.Offset && !line.IsHidden)
                            debug.SequencePoints.Add(new SequencePoint(instruction, documents[file]) {
                                StartLine = line.Row, EndLine = line.Row, StartColumn = 1, EndColumn = 99 });
            }
        module.Write(names[1], new WriterParameters {
            WriteSymbols = true, SymbolWriterProvider = new PortablePdbWriterProvider() });
    }
}
"""
RUNTIME = '{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"}}}\n'
BUILD = (
    "cecil=$(ls /usr/lib/mono/gac/Mono.Cecil/0.11*/Mono.Cecil.dll); "
    "writer=$(ls /usr/lib/mono/gac/Mono.CompilerServices.SymbolWriter/*/*.dll | head -n 1); "
    '[ -n "$cecil" ] && [ -n "$writer" ] || { echo "Mono.Cecil is needed"; exit 127; }; '
    "mkdir build; mcs -debug -out:build/shop.exe Shop.cs && mcs -r:$cecil -r:$writer "
    "-out:build/symbols.exe tools/Symbols.cs "
    "&& cp tools/runtime.json build/shop.runtimeconfig.json && MONO_PATH=$(dirname $cecil) mono "
    "build/symbols.exe build/shop.exe build/shop.dll; "
    "export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1; "
)
DOTNET = (
    'dotnet=$(ls "$(dirname "$(command -v '
    'python)")"/../lib/python3*/site-packages/dotnetcore2/bin/dotnet) || exit 127; '
    'shop="$dotnet build/shop.dll"; '
)
SHOP_CS = """\
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks;

[assembly: Debuggable(DebuggableAttribute.DebuggingModes.Default
    | DebuggableAttribute.DebuggingModes.DisableOptimizations)]
namespace Shop {
    class SoldOut : Exception {
        public SoldOut(string text) : base(text) { }
    }

    class Cart<T> {
        public int Total(int n) {
            try {
                return new[] { 1, 0 }.Select(x => n / x).Sum();
            } catch (DivideByZeroException e) {
                throw new InvalidOperationException("no total\\nof 3 items – 空", e);
            }
        }
    }

    class Stock {
        public static async Task<int> Count(int n) {
            await Task.Delay(1);
            if (n == 2) throw new SoldOut("no stock\\nat all");
            try {
                return 1 / (n - n);
            } catch (DivideByZeroException e) {
                throw new InvalidOperationException("no count of " + n, e);
            }
        }
    }

    class Program {
        static T Get<T>(Dictionary<string, T> all, string name) {
            return all[name];
        }

        static void Again() {
            ExceptionDispatchInfo info = null;
            try {
                Get(new Dictionary<string, int>(), "apple");
            } catch (Exception e) {
                info = ExceptionDispatchInfo.Capture(e);
            }
            info.Throw();
        }

        static string Failure() {
            try {
                return "" + new Cart<int>().Total(1);
            } catch (Exception e) {
                return e.ToString();
            }
        }

        static void Main(string[] names) {
            switch (names[0]) {
                case "inner": new Cart<int>().Total(3); break;
                case "aggregate": Task.WaitAll(Stock.Count(1), Stock.Count(2), Stock.Count(3)); break;
                case "again": Again(); break;
                case "generic": Get(new Dictionary<string, int>(), "apple"); break;
                case "lambda": Action act = () => { throw new SoldOut(""); }; act(); break;
                case "stop": Environment.FailFast("no way out"); break;
                case "stack": Console.WriteLine("here:\\n" + Environment.StackTrace); break;
                default:
                    var record = names[0].Replace("\\\\n", "\\n");
                    Console.WriteLine(string.Format(record, Failure().Replace("\\n", "\\n" + names[1])));
                    break;
            }
        }
    }
}
"""
SHOP_FILES = {"Shop.cs": SHOP_CS, "tools/Symbols.cs": SYMBOLS_CS, "tools/runtime.json": RUNTIME}


def dotnet_case(name: str, source: str, command: str, *crashes: Crash, mono: bool = False) -> Case:
    """The program above, run with the words of ``command``: ``$shop WORD``."""
    run = 'shop="mono --debug build/shop.exe"; ' if mono else DOTNET
    packages = () if mono else ("dotnetcore2==3.1.23",)
    return Case(name, source, needing("mono", "mcs") + BUILD + run + command, crashes, SHOP_FILES, packages)


DIVIDED = Exc("System.DivideByZeroException", "Attempted to divide by zero.", CAUSE)
NO_CS_TOTAL = Exc("System.InvalidOperationException", "no total\nof 3 items – 空")
IN_LAMBDA = "Shop.Cart`1.<Total>c__AnonStorey0.<>m__0"
FAILED = dotnet(DIVIDED, NO_CS_TOTAL, own=("Shop.cs", 18, IN_LAMBDA))
NO_APPLE = "The given key 'apple' was not present in the dictionary."

DOTNET_CASES = (
    dotnet_case(
        "dotnet_inner",
        ".NET Core 3.1",
        "$shop inner",
        dotnet(
            Exc(DIVIDED.type, DIVIDED.message, CAUSE, frames=4),
            Exc(NO_CS_TOTAL.type, NO_CS_TOTAL.message, frames=2),
            own=("Shop.cs", 18, IN_LAMBDA),
        ),
    ),
    dotnet_case(
        "dotnet_aggregate",
        ".NET Core 3.1",
        "$shop aggregate",
        dotnet(
            DIVIDED,
            Exc("System.InvalidOperationException", "no count of 1", CAUSE),
            Exc(
                "System.AggregateException",
                message_start="One or more errors occurred. (no count of 1) (no stock\nat all) (",
            ),
            Exc("Shop.SoldOut", "no stock\nat all", MEMBER),
            DIVIDED,
            Exc("System.InvalidOperationException", "no count of 3", MEMBER),
            own=("Shop.cs", 30, "Shop.Stock.Count"),
        ),
    ),
    dotnet_case(
        "dotnet_thrown_again",
        ".NET Core 3.1",
        "$shop again",
        dotnet(
            Exc("System.Collections.Generic.KeyNotFoundException", NO_APPLE, frames=5),
            own=("Shop.cs", 39, "Shop.Program.Get[T]"),
        ),
    ),
    dotnet_case(
        "dotnet_in_a_row",
        ".NET Core 3.1",
        "for word in generic lambda stop stack; do $shop $word; echo; done",
        dotnet(
            Exc("System.Collections.Generic.KeyNotFoundException", NO_APPLE), own=("Shop.cs", 39, "Shop.Program.Get[T]")
        ),
        dotnet(Exc("Shop.SoldOut", "", frames=2), own=("Shop.cs", 66, "Shop.Program.<Main>m__0")),
        dotnet(Exc("Process terminated", "no way out", frames=2), own=("", None, "Shop.Program.Main")),
    ),
    dotnet_case(
        "dotnet_without_symbols",
        ".NET Core 3.1, release",
        "rm build/shop.pdb; $shop inner",
        dotnet(
            Exc(DIVIDED.type, DIVIDED.message, CAUSE, frames=4),
            Exc(NO_CS_TOTAL.type, NO_CS_TOTAL.message, frames=2),
            own=("", None, IN_LAMBDA),
        ),
    ),
    # The layout of `Microsoft.Extensions.Logging.Console.SimpleConsoleFormatter`.
    dotnet_case(
        "dotnet_aspnet",
        "ASP.NET Core, console logger",
        "for n in 1 2; do echo 'info: Microsoft.Hosting.Lifetime[0]'; echo '      Application started.'; "
        "$shop 'fail: Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware[1]\\n      An "
        "unhandled exception has "
        "occurred while executing the request.\\n      {0}' '      '; done",
        FAILED,
        FAILED,
    ),
    # The layouts of Serilog's console sink, of NLog (with `${exception:format=tostring}`) and of log4net.
    dotnet_case(
        "dotnet_loggers",
        "Serilog, NLog, log4net",
        "$shop '[10:00:00 ERR] The request failed\\n{0}\\n[10:00:01 INF] It goes on' ''; "
        "$shop '2026-11-20 10:00:00.1234|ERROR|Shop.Program|It failed: {0}' ''; "
        "$shop '2026-11-20 10:00:00,123 [1] ERROR Shop.Program - It failed\\n{0}' ''; echo done",
        FAILED,
        FAILED,
        FAILED,
    ),
    dotnet_case(
        "dotnet_json",
        "a JSON logger",
        '$shop \'{0}\' \'\' | python -c \'import json, sys; print(json.dumps({"@l": "Error", "@x": '
        "sys.stdin.read()}))'",
        FAILED,
    ),
    # On Windows, Visual Studio's and the SDK's symbols hold the paths of the machine that built the program.
    dotnet_case(
        "dotnet_windows",
        ".NET on Windows",
        '$shop inner 2>&1 | sed "s#in $PWD/Shop.cs#in C:\\\\\\\\Users\\\\\\\\Ada '
        'Byron\\\\\\\\shop\\\\\\\\Shop.cs#; s/$/\\r/"',
        FAILED,
    ),
    # The layout of `dotnet test`: vstest's console logger, src/vstest.console/Internal/ConsoleLogger.cs
    dotnet_case(
        "dotnet_test",
        "dotnet test",
        "for n in 1 2; do echo '  Failed Shop.Tests.CartTests.Total [3 ms]'; $shop generic 2>&1 | "
        "grep -v Aborted | sed "
        "'s/^/  /; 1s/^  Unhandled exception. \\([^:]*\\):/  Error Message:\\n   \\1 :/; 1s/$/\\n  "
        "Stack Trace:/'; done",
        *[
            dotnet(
                Exc("System.Collections.Generic.KeyNotFoundException", NO_APPLE),
                own=("Shop.cs", 39, "Shop.Program.Get[T]"),
            )
        ]
        * 2,
    ),
    # What .NET 5 and later print; .NET Core 3.1 prints the first line only. See the runtime's eepolicy.cpp.
    dotnet_case(
        "dotnet_overflow",
        ".NET 5, stack overflow",
        "printf '%s\\n' 'Stack overflow.' 'Repeat 24105 times:' '--------------------------------' "
        "'   at Shop.Cart.Walk(Int32)' '--------------------------------' '   at Shop.Program.Main(System.String[])'",
        dotnet(Exc("System.StackOverflowException", "", frames=2), own=("", None, "Shop.Cart.Walk")),
    ),
    dotnet_case(
        "dotnet_cut_off",
        ".NET Core 3.1 | tail -n 5",
        "$shop inner 2>&1 | tail -n 5",
        dotnet(
            Exc("", "", CAUSE, frames=2),
            Exc("", "", frames=2),
            own=("Shop.cs", 18, "Shop.Cart`1.Total"),
            missing=("what stood above line",),
        ),
    ),
    dotnet_case(
        "mono_inner",
        "Mono 6",
        "$shop inner",
        dotnet(DIVIDED, NO_CS_TOTAL, own=("Shop.cs", 18, "Shop.Cart`1+<Total>c__AnonStorey0[T].<>m__0")),
        mono=True,
    ),
    dotnet_case(
        "mono_aggregate",
        "Mono 6",
        "$shop aggregate",
        dotnet(
            DIVIDED,
            Exc("System.InvalidOperationException", "no count of 1", CAUSE),
            Exc(
                "System.AggregateException",
                message_start="One or more errors occurred. (no count of 1) (no stock\nat all) (",
            ),
            Exc("Shop.SoldOut", "no stock\nat all", MEMBER),
            DIVIDED,
            Exc("System.InvalidOperationException", "no count of 3", MEMBER),
            own=("Shop.cs", 30, "Shop.Stock.Count"),
        ),
        mono=True,
    ),
)

CASES: tuple[Case, ...] = (*RUBY_CASES, *PHP_CASES, *DOTNET_CASES)
