"""The layouts that are read. To read another one: write its module, add one line here."""

from __future__ import annotations

from snapfix.parsing.base import Format

FORMATS: tuple[Format, ...] = (
    Format(
        "faulthandler",
        "python.faulthandler",
        ("Fatal Python error: ", "Windows fatal exception: ", " (most recent call first):"),
    ),
    Format("structlog", "python.structured", ("exc_type",)),
    Format("sentry", "python.structured", ('stacktrace": {', 'stacktrace":{')),
    Format("ecs", "python.structured", ("stack_trace",)),
    Format("lambda", "python.structured", ('stackTrace"',)),
    Format("rustc", "compilers.rustc", ("error[E", " --> ", ": error: ")),
    Format("tsc", "compilers.tsc", ("error TS",)),
    Format("javac", "compilers.javac", (": error: ",)),
    Format(
        "gcc",
        "compilers.gcc",
        (": error: ", ": fatal error: ", ": internal compiler error: ", ": undefined reference to "),
    ),
    Format("go-build", "compilers.go_build", (".go:",)),
    Format("go", "runtimes.golang", ("panic: ", "fatal error: ", "goroutine ", " +0x")),
    Format("go-error", "runtimes.golang_errors", (".go:",)),
    Format(
        "ipython",
        "python.ipython",
        (
            " Traceback (most recent call last)",
            "Cell In[",
            "Input In [",
            "<ipython-input-",
            "---> ",
            "  File /",
            "  File ~",
            "  File C:",
            "  File c:",
        ),
    ),
    Format("doctest", "python.doctest_report", ("Failed example:", "_ [doctest] "), listed=True),
    Format(
        "pytest",
        "python.pytest_report",
        (
            *("___ ", "_ test", "_ Test", "_ ERROR ", "E   "),
            *("= FAILURES =", "= short test summary info =", "loading conftest '", "- Captured "),
        ),
        listed=True,
    ),
    Format("go-test", "runtimes.golang_tests", ("--- FAIL: ", "_test.go:")),
    Format("rich", "python.rich_panel", ("─ Traceback (most rec", "- Traceback (most recent call last) -", "│ ❱ ")),
    Format("stackprinter", "python.stackprinter", ('File "',)),
    Format("pretty_errors", "python.pretty_errors", ("-" * 40, "=" * 40, "*" * 40)),
    Format("loguru", "python.loguru", ("Traceback (most recent call last):", '> File "')),
    Format("better_exceptions", "python.better_exceptions", ("Traceback (most recent call last):",)),
    Format(
        "ruby",
        "runtimes.ruby",
        (":in `", ":in '", "Failure/Error:", "#test_", ": syntax error", "ruby: No such file or directory -- "),
    ),
    Format("java", "runtimes.java", ('Exception in thread "', "\tat ", "    at ", "\\n\\tat ")),
    Format(
        "rust", "runtimes.rust", (" panicked at ", " has overflowed its stack", "stack backtrace:", "             at ")
    ),
    Format("jest", "javascript.jest", ("● ",)),
    Format("vitest", "javascript.vitest", (" FAIL  ", "⎯ Unhandled ")),
    Format("node-test", "javascript.node_tap", ("stack: |-",)),
    Format("node", "javascript.node", ("\\n    at ", "    at ", "Node.js v", "[Error: ", "[AggregateError: ")),
    Format(
        "php",
        "runtimes.php",
        ("Fatal error: ", "fatal error:  ", "Parse error: ", "rror</b>: ", "Stack trace:", "[object] (", "::test"),
    ),
    Format("rust-error", "runtimes.rust_errors", ("Caused by:", "Location:", "Stack backtrace:", " stdout ----")),
    Format(
        "dotnet",
        "runtimes.dotnet",
        ("  at ", "Unhandled exception. ", "Unhandled Exception: ", "Process terminated. ", "Stack overflow."),
    ),
    Format(
        "perl",
        "runtimes.perl",
        (
            *(".pl line ", ".pm line ", ".t line ", ".cgi line ", ".psgi line ", " at -e line ", " at (eval "),
            *(" called at ", "Died at ", "Can't locate ", "BEGIN failed--", "Can't call method ", "syntax error at "),
            *("Undefined subroutine &", "Illegal division by zero at "),
        ),
    ),
    Format("perl-test", "runtimes.perl_tests", ("#   Failed test",)),
    Format(
        "cpython",
        "python.cpython",
        ("Traceback (most recent call last):", '  File "', 'File \\"', "+-+---------------- 1 ---"),
    ),
)
"""The layouts that are read, the more particular first."""

# fmt: off
NEEDLES = (
    "(most rec", 'File "', 'File \\"', "File /", "File ~", "File C:", "File c:", "rror: ", "rror[E", "rror TS",
    "rror</b>", "Windows fat", "exc_type", 'kTrace"', 'ktrace":', "k_trace", "k backtrace:", "k trace:", "--> ", ".go:",
    "panic", "goroutine ", " +0x", "Cell In[", "put In [", "<ipython-in", "Failed example", "Failure/Err",
    "  Failed test", "GIN failed--", "_ [doct", "___ ", "_ test", "_ Test", "_ ERROR ", "E   ", "= FAILURES =",
    "summary info =", "Captured ", "nftest '", "FAIL: ", " FAIL  ", "│ ❱ ", "------------------------",
    "========================", "************************", ":in `", ":in '", "#test_", "::test", "yntax error",
    "uby: No such", 'n thread "', "\tat ", "\\tat ", "  at ", "rflowed its", "● ", "Unhandled ", "Node.js v",
    "[Aggr", "[object] (", "Caused by:", "Location:", "stdout ----", "rminated. ", "k overflow.", ".pl line ",
    ".pm line ", ".t line ", ".cgi line ", ".psgi line ", "-e line ", "(eval ", "called at ", "Died at ",
    "n't locate ", "n't call method", "Undefined sub", "Illegal div", "+-+---", "undefined ref",
)
# fmt: on
"""What is looked for in place of the markers that hold one of these; see ``Finder``."""
