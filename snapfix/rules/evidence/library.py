"""When the standard library, and the packages that most projects use, return None.

The reasons are from their documentation; each completes the sentence "it returns None because ...".
"""

from __future__ import annotations

import ast

from snapfix.crash import CrashContext
from snapfix.rules.evidence.flow import How
from snapfix.rules.evidence.targets import library_name, module_file, name_sources
from snapfix.rules.evidence.values import Place, last_name
from snapfix.syntax import imports


def is_constant(node: ast.expr | None, value: object) -> bool:
    """``node`` is the literal ``value``."""
    return isinstance(node, ast.Constant) and type(node.value) is type(value) and node.value == value


# fmt: off
_NEVER_CALLS = frozenset({
    "abs", "all", "any", "ascii", "bin", "bool", "bytes", "bytearray", "chr", "dict", "dir", "divmod",
    "enumerate", "filter", "float", "format", "frozenset", "hash", "hex", "id", "input", "int",
    "isinstance", "issubclass", "iter", "len", "list", "map", "object", "oct", "open", "ord", "pow",
    "range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "super", "tuple", "type",
    "vars", "zip",
})
_NEVER_METHODS = frozenset({
    "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "join", "format", "lower", "upper",
    "title", "capitalize", "replace", "encode", "decode", "startswith", "endswith", "items", "keys",
    "values", "count", "index", "copy", "isdigit", "read", "readlines", "read_text", "strftime",
    "isoformat",
})
# fmt: on


def never_none(node: ast.expr) -> bool:
    """The value of an expression cannot be None."""
    match node:
        case ast.Constant(value=value):
            return value is not None
        case ast.Call(func=ast.Name(id=name)):
            return name in _NEVER_CALLS or (name[:1].isupper() and not name.isupper())
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _NEVER_METHODS or (name[:1].isupper() and not name.isupper())
        case ast.BoolOp(op=ast.Or(), values=values):
            return never_none(values[-1])
        case ast.IfExp(body=body, orelse=orelse):
            return never_none(body) and never_none(orelse)
    return isinstance(
        node,
        ast.JoinedStr | ast.List | ast.Dict | ast.Set | ast.Tuple | ast.ListComp | ast.SetComp | ast.DictComp
        | ast.GeneratorExp | ast.BinOp | ast.UnaryOp | ast.Compare | ast.Lambda,
    )  # fmt: skip


# fmt: off
IN_PLACE_METHODS = frozenset({
    "sort", "reverse", "append", "extend", "insert", "clear", "update", "add", "discard", "remove", "mkdir",
    "appendleft", "extendleft", "unlink",
})
IN_PLACE_FUNCTIONS = frozenset({
    "random.shuffle", "random.seed", "numpy.random.shuffle", "heapq.heapify", "heapq.heappush",
    "bisect.insort", "json.dump", "pickle.dump", "os.makedirs", "os.mkdir", "os.remove", "os.rename",
    "time.sleep", "print", "setattr", "shutil.rmtree", "csv.writer.writerows",
})
# fmt: on

_ALWAYS = "it changes its object in place and always returns None"

_LOOKUPS = {
    "re.match": "the text does not begin with the pattern",
    "re.search": "the pattern is nowhere in the text",
    "re.fullmatch": "the whole text does not match the pattern",
    "os.environ.get": "the environment variable is not set",
    "os.getenv": "the environment variable is not set",
    "shutil.which": "the program is not on the PATH",
    "inspect.getdoc": "there is no docstring",
    "inspect.getmodule": "the module cannot be told",
    "inspect.currentframe": "the interpreter has no frames",
    "ast.get_docstring": "there is no docstring",
    "importlib.util.find_spec": "there is no such module",
    "ctypes.util.find_library": "there is no such library",
    "mimetypes.guess_extension": "the type is not known",
    "logging.getLevelNamesMapping().get": "there is no such level",
    "imghdr.what": "the file is no known image",
    "cv2.imread": "the file does not exist or is no image",
    "pkgutil.get_data": "the package has no such file",
    "email.utils.parsedate": "the text is no date",
}
_TUPLE_LOOKUPS = {
    "mimetypes.guess_type": "the type cannot be told from the name",
    "urllib.parse.splitport": "there is no port",
}
_METHOD_LOOKUPS = {
    "match": "the text does not begin with the pattern",
    "search": "the pattern is nowhere in the text",
    "fullmatch": "the whole text does not match the pattern",
    "find": "there is no such element",
    "findtext": "there is no such element",
    "find_next": "there is no such element",
    "find_parent": "there is no such element",
    "find_next_sibling": "there is no such element",
    "find_previous_sibling": "there is no such element",
    "select_one": "nothing matches the selector",
    "fetchone": "the query has no (more) rows",
    "first": "the query has no rows",
    "one_or_none": "the query has no rows",
    "scalar": "the query has no rows",
    "scalar_one_or_none": "the query has no rows",
    "find_one": "no document matches",
    "get_payload": "the message has no such part",
    "get_content_charset": "the message names no charset",
}


def in_place_reason(place: Place, call: ast.Call) -> str:
    """Why a call always returns None, or "" where it does not."""
    for keyword in call.keywords:
        if keyword.arg == "inplace" and is_constant(keyword.value, True):
            return "with `inplace=True` it changes its object and returns None"
    name = library_name(place.file, call.func)
    if not name and isinstance(call.func, ast.Name):
        name = call.func.id
    if name in IN_PLACE_FUNCTIONS:
        return "it always returns None"
    if isinstance(call.func, ast.Attribute) and call.func.attr in IN_PLACE_METHODS and not name:
        return "it always returns None" if call.func.attr in ("mkdir", "unlink") else _ALWAYS
    return ""


def lookup_reason(context: CrashContext, place: Place, call: ast.Call) -> str:
    """When a look-up returns None, in words, or "" where the call is no look-up."""
    name = library_name(place.file, call.func)
    if name in _LOOKUPS:
        return _LOOKUPS[name] if len(call.args) < 2 or name.startswith("re.") or is_constant(call.args[1], None) else ""
    if isinstance(call.func, ast.Name):
        with_default = {"next": (2, "there is no (more) element"), "getattr": (3, "there is no such attribute")}
        count, reason = with_default.get(call.func.id, (0, ""))
        return reason if count and len(call.args) == count and is_constant(call.args[-1], None) else ""
    if not isinstance(call.func, ast.Attribute) or (name and not _own_name(context, place, name)):
        return ""
    return _method_reason(call, call.func.attr)


def _method_reason(call: ast.Call, method: str) -> str:
    defaults = [*call.args[1:], *(k.value for k in call.keywords if k.arg == "default")]
    if method in ("get", "pop") and call.args:
        missing = all(is_constant(default, None) for default in defaults) and (method == "get" or bool(defaults))
        return "there is no such key (or its value is None)" if missing else ""
    if method == "group" and call.args:
        return "that group took no part in the match"
    return _METHOD_LOOKUPS.get(method, "")


def _own_name(context: CrashContext, place: Place, name: str) -> bool:
    """The first part of a full name is a module of the project."""
    return module_file(context, place.file, name.partition(".")[0]) is not None


def attribute_reason(place: Place, node: ast.Attribute) -> str:
    """When an attribute of an object of the standard library is None, in words."""
    call = made_by(place, node.value)
    if call is not None and library_name(place.file, call.func) in ("subprocess.run", "subprocess.Popen"):
        given = {keyword.arg for keyword in call.keywords}
        captured = given & {"capture_output", node.attr, None}
        is_stream = node.attr in ("stdout", "stderr", "stdin")
        return "the child's output is not captured" if is_stream and not captured else ""
    if call is not None and last_name(call.func) in ("parse_args", "parse_known_args"):
        return "the option was not given on the command line and has no default"
    if node.attr == "__doc__":
        return "there is no docstring"
    return _element_reason(place, node.attr)


def _element_reason(place: Place, attribute: str) -> str:
    modules = {item.module.partition(".")[0] for item in imports(place.file.text)}
    if attribute in ("text", "tail") and modules & {"xml", "lxml", "defusedxml"}:
        return "the element holds no text"
    return "the tag does not hold exactly one string" if attribute == "string" and "bs4" in modules else ""


def made_by(place: Place, node: ast.expr) -> ast.Call | None:
    """The call that the value of a name comes from, where there is just one."""
    if isinstance(node, ast.Call):
        return node
    sources = name_sources(place, node.id) if isinstance(node, ast.Name) else ()
    value = sources[0].value if len(sources) == 1 and sources[0].how is How.VALUE else None
    return value if isinstance(value, ast.Call) else None


def tuple_lookup_reason(place: Place, call: ast.Call) -> str:
    """Like :func:`lookup_reason`, for calls that return a tuple which may hold None."""
    return _TUPLE_LOOKUPS.get(library_name(place.file, call.func), "")
