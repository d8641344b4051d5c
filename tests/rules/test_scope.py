"""Names without a value yet: real crashes, and why the function did not give them one."""

from __future__ import annotations

from pathlib import Path

import pytest

from snapfix.diagnosis import Applicability, Confidence

from .crashing import crash

CERTAIN = {
    "a counter of the module": (
        """
        count = 0


        def increment():
            '''Count one more.'''
            count += 1
            return count


        def main():
            increment()
            print(increment())


        main()
        """,
        6,
    ),
    "a total of the module, spelt out": (
        """
        total = 0.0
        history = []


        class Till:
            def add(self, amount):
                history.append(amount)
                total = total + amount
                return total


        till = Till()
        till.add(3)
        print(till.add(4))
        """,
        8,
    ),
    "a variable of the function around": (
        """
        def make_counter():
            count = 0

            def step():
                count += 1
                return count

            return step


        step = make_counter()
        step()
        print(step())
        """,
        5,
    ),
    "a total without a first value": (
        """
        def total(prices):
            for price in prices:
                if price > 1:
                    amount += 1
            return amount


        print(total([1, 2]))
        """,
        4,
    ),
    "a text without a first value": (
        """
        def render(rows):
            for row in rows:
                text = text + f"<{row}>"
            return text


        print(render(["a", "b"]))
        """,
        3,
    ),
    "a variable named after a module": (
        """
        import json


        def load(text):
            json = json.loads(text)
            return json["name"]


        print(load('{"name": "ada"}'))
        """,
        5,
    ),
    "a variable named after a builtin": (
        """
        def spread(values):
            low = min(values)
            max = max(values)
            return max - low


        print(spread([1, 5]))
        """,
        3,
    ),
    "a variable named after a function of the module": (
        """
        def area(width, height):
            return width * height


        def describe(width, height):
            size = area(width, height)
            area = f"{size} m2"
            return area


        print(describe(2, 3))
        """,
        7,
    ),
    "an import further down": (
        """
        import os


        def prepare(folder):
            path = os.path.join(folder, "cache")
            import os
            return path


        print(prepare("/tmp"))
        """,
        6,
    ),
    "an import of a submodule further down": (
        """
        import os


        def prepare(folder):
            exists = os.path.exists(folder)
            if exists:
                print(folder)
            import os.path
            return exists


        print(prepare("/tmp"))
        """,
        8,
    ),
    "the name of an except clause": (
        """
        def attempt(text):
            error = None
            try:
                int(text)
            except ValueError as error:
                print("failed")
            if error is not None:
                return "bad"
            return "good"


        print(attempt("1"))
        print(attempt("x"))
        """,
        5,
    ),
}


@pytest.mark.parametrize(("program", "line"), CERTAIN.values(), ids=CERTAIN)
def test_gives_the_name_its_value(tmp_path: Path, program: str, line: int) -> None:
    crashed = crash(tmp_path, {"app.py": program})
    assert crashed.rule == "name.unbound-local"
    assert crashed.where == ("app.py", line)
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.fix.applicability is Applicability.SAFE
    rerun = crashed.apply_and_rerun()
    assert rerun.returncode == 0, rerun.stderr


def test_global_stands_after_the_docstring(tmp_path: Path) -> None:
    program, _ = CERTAIN["a counter of the module"]
    crashed = crash(tmp_path, {"app.py": program})
    assert "'''Count one more.'''\n    global count\n    count += 1" in crashed.fixed_text("app.py")


BRANCHES = {
    "an if without else": (
        """
        def label(count):
            if count > 1:
                ending = "s"
            return f"{count} item{ending}"


        print(label(2))
        print(label(1))
        """,
        3,
        "`count > 1` is true",
    ),
    "an if with elif": (
        """
        def rate(kind):
            if kind == "a":
                value = 1
            elif kind == "b":
                value = 2
            return value


        print(rate("a"))
        print(rate("c"))
        """,
        5,
        "not every branch of the `if` on line 2",
    ),
    "a loop that does not run": (
        """
        def last(lines):
            for number, line in enumerate(lines):
                found = line.strip()
            return found


        print(last([" a "]))
        print(last([]))
        """,
        3,
        "it may be empty",
    ),
    "a match without a wildcard": (
        """
        def colour(kind):
            match kind:
                case "sky":
                    name = "blue"
                case "grass":
                    name = "green"
            return name


        print(colour("sky"))
        print(colour("sea"))
        """,
        6,
        "no `case`",
    ),
}


@pytest.mark.parametrize(("program", "line", "reason"), BRANCHES.values(), ids=BRANCHES)
def test_names_the_branch_that_did_not_run(tmp_path: Path, program: str, line: int, reason: str) -> None:
    crashed = crash(tmp_path, {"app.py": program})
    assert crashed.rule == "name.unbound-local"
    assert crashed.where == ("app.py", line)
    assert reason in crashed.diagnosis.root_cause
    assert crashed.fix.applicability is Applicability.UNSAFE
    rerun = crashed.apply_and_rerun()
    assert rerun.returncode == 0, rerun.stderr


def test_a_swallowed_exception_is_let_through(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "loading.py": """
                import json


                def load(text):
                    try:
                        parsed = json.loads(text)
                    except ValueError as error:
                        print("cannot parse:", error)
                    return parsed["name"]
            """,
            "app.py": """
                from loading import load

                print(load("{"))
            """,
        },
    )
    assert crashed.rule == "name.unbound-local"
    assert crashed.where == ("loading.py", 7)
    assert crashed.fix.applicability is Applicability.UNSAFE
    rerun = crashed.apply_and_rerun()
    assert "UnboundLocalError" not in rerun.stderr
    assert "JSONDecodeError" in rerun.stderr


def test_an_inner_function_that_is_called_too_early(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def report(names):
                    def line(name):
                        return name.ljust(width) + "|"

                    lines = [line(name) for name in names]
                    width = 10
                    return lines


                print(report(["a"]))
            """
        },
    )
    assert crashed.rule == "name.unbound-local"
    assert crashed.where == ("app.py", 6)
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.apply_and_rerun().returncode == 0


def test_the_old_wording_is_understood(tmp_path: Path) -> None:
    program, line = CERTAIN["a counter of the module"]
    crashed = crash(tmp_path, {"app.py": program})
    old = crashed.process.stderr.replace(
        "cannot access local variable 'count' where it is not associated with a value",
        "local variable 'count' referenced before assignment",
    )
    again = crash(tmp_path, {"app.py": program}, text=old)
    assert again.rule == "name.unbound-local"
    assert again.where == ("app.py", line)


def test_reading_a_module_variable_that_is_assigned_later_is_not_certainly_global(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                limit = 10


                def check(values):
                    print("limit:", limit)
                    limit = len(values)
                    return limit


                print(check([1]))
            """
        },
    )
    assert crashed.rule == "name.unbound-local"
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN
    assert crashed.fix.applicability is not Applicability.SAFE


def test_a_name_assigned_in_both_branches_is_not_blamed_on_them(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def run(fast):
                    if fast:
                        mode = "fast"
                    else:
                        mode = "slow"
                    del mode
                    return mode


                print(run(True))
            """
        },
    )
    assert "`del`" in crashed.diagnosis.root_cause
    assert crashed.fix.edits == ()


def test_a_total_that_is_returned_is_not_certainly_the_modules(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                total = 0


                def add_up(prices):
                    for price in prices:
                        total += price
                    return total


                print(add_up([1, 2]))
            """
        },
    )
    assert crashed.rule == "name.unbound-local"
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN
    assert crashed.fix.applicability is not Applicability.SAFE


def test_a_total_named_after_a_builtin_lacks_its_first_value(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def add_up(prices):
                    for price in prices:
                        sum += price
                    return sum


                print(add_up([1, 2]))
            """
        },
    )
    assert "nothing gives it a first value" in crashed.diagnosis.root_cause
    assert crashed.apply_and_rerun().returncode == 0


def test_a_total_in_two_loops_needs_a_look(tmp_path: Path) -> None:
    crashed = crash(
        tmp_path,
        {
            "app.py": """
                def sizes(rows):
                    for row in rows:
                        for _ in row:
                            count += 1
                        print(count)


                sizes([[1], [2, 3]])
            """
        },
    )
    assert crashed.rule == "name.unbound-local"
    assert crashed.fix.applicability is Applicability.UNSAFE
