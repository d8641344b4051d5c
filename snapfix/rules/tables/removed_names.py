"""What left the standard library, when, and what took its place ("What's New in Python" of each version)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Removed:
    """A module or name that is gone.

    Attributes:
        since: the first version without it.
        instead: the module, or the dotted name, to use; "" where nothing stands in its place one to one.
        only: the attributes that ``instead`` has too; empty where it has all of them.
        distribution: a package that brings the module back, or "".
        advice: what to do where there is no replacement.
    """

    since: tuple[int, int]
    instead: str = ""
    only: frozenset[str] = frozenset()
    distribution: str = ""
    advice: str = ""

    @property
    def version(self) -> str:
        """``3.12``; Python 2's names went with 3.0."""
        return ".".join(map(str, self.since))


def _renamed(instead: str) -> Removed:
    return Removed((3, 0), instead)


REMOVED_MODULES: dict[str, Removed] = {
    "BaseHTTPServer": _renamed("http.server"),
    "CGIHTTPServer": _renamed("http.server"),
    "ConfigParser": _renamed("configparser"),
    "Cookie": _renamed("http.cookies"),
    "HTMLParser": _renamed("html.parser"),
    "Queue": _renamed("queue"),
    "SimpleHTTPServer": _renamed("http.server"),
    "SocketServer": _renamed("socketserver"),
    "StringIO": _renamed("io"),
    "Tkinter": _renamed("tkinter"),
    "UserDict": _renamed("collections"),
    "__builtin__": _renamed("builtins"),
    "cPickle": _renamed("pickle"),
    "cStringIO": _renamed("io"),
    "commands": Removed((3, 0), "subprocess", frozenset({"getoutput", "getstatusoutput"})),
    "cookielib": _renamed("http.cookiejar"),
    "copy_reg": _renamed("copyreg"),
    "dummy_threading": Removed((3, 9), "threading"),
    "htmlentitydefs": _renamed("html.entities"),
    "httplib": _renamed("http.client"),
    "robotparser": _renamed("urllib.robotparser"),
    "thread": _renamed("_thread"),
    "tkFileDialog": _renamed("tkinter.filedialog"),
    "tkMessageBox": _renamed("tkinter.messagebox"),
    "tkSimpleDialog": _renamed("tkinter.simpledialog"),
    "ttk": _renamed("tkinter.ttk"),
    "urllib2": _renamed("urllib.request"),
    "urlparse": _renamed("urllib.parse"),
    "xmlrpclib": _renamed("xmlrpc.client"),
    "xml.etree.cElementTree": Removed((3, 9), "xml.etree.ElementTree"),
    "md5": Removed((3, 0), "", advice="Use `hashlib.md5`."),
    "sets": Removed((3, 0), "", advice="Use the builtin `set` and `frozenset`."),
    "sha": Removed((3, 0), "", advice="Use `hashlib.sha1`."),
    "parser": Removed((3, 10), "", advice="Use `ast`."),
    "symbol": Removed((3, 10), "", advice="Use `ast`."),
    "formatter": Removed((3, 10), "", advice="Copy it from Python 3.9's source, or do without it."),
    "binhex": Removed((3, 11), "", advice="Copy it from Python 3.10's source, or do without it."),
    "asynchat": Removed((3, 12), "", distribution="pyasynchat", advice="Use `asyncio`."),
    "asyncore": Removed((3, 12), "", distribution="pyasyncore", advice="Use `asyncio`."),
    "distutils": Removed((3, 12), "", distribution="setuptools", advice="Declare `setuptools` as a dependency."),
    "imp": Removed((3, 12), "importlib", frozenset({"reload"}), advice="Use `importlib` (`importlib.util`)."),
    "smtpd": Removed((3, 12), "", advice="Use the package `aiosmtpd`."),
    "aifc": Removed((3, 13), "", advice="Use a package for audio files, such as `soundfile`."),
    "audioop": Removed((3, 13), "", distribution="audioop-lts"),
    "cgi": Removed((3, 13), "", distribution="legacy-cgi", advice="Use a web framework, or `urllib.parse`."),
    "cgitb": Removed((3, 13), "", distribution="legacy-cgi", advice="Use `traceback` or `logging`."),
    "chunk": Removed((3, 13), "", advice="Copy it from Python 3.12's source."),
    "crypt": Removed((3, 13), "", advice="Use `hashlib` or the package `bcrypt`."),
    "imghdr": Removed((3, 13), "", distribution="standard-imghdr", advice="Use the package `filetype` or Pillow."),
    "lib2to3": Removed((3, 13), "", advice="Use the package `libcst`."),
    "mailcap": Removed((3, 13), "", advice="Use `mimetypes`."),
    "msilib": Removed((3, 13), "", advice="Use another tool to write MSI files."),
    "nis": Removed((3, 13), "", advice="Nothing in the standard library replaces it."),
    "nntplib": Removed((3, 13), "", advice="Copy it from Python 3.12's source."),
    "ossaudiodev": Removed((3, 13), "", advice="Use a package for audio, such as `sounddevice`."),
    "pipes": Removed((3, 13), "shlex", frozenset({"quote"}), advice="Use `subprocess`."),
    "sndhdr": Removed((3, 13), "", advice="Use the package `filetype`."),
    "spwd": Removed((3, 13), "", advice="Use the package `python-pam`."),
    "sunau": Removed((3, 13), "", advice="Use a package for audio files, such as `soundfile`."),
    "telnetlib": Removed((3, 13), "", distribution="standard-telnetlib", advice="Use the package `telnetlib3`."),
    "uu": Removed((3, 13), "", advice="Use `base64` or `binascii`."),
    "xdrlib": Removed((3, 13), "", advice="Use `struct`."),
}

_MOVED_NAMES: dict[str, tuple[tuple[int, int], str, str]] = {
    "collections": (
        (3, 10),
        "collections.abc",
        "Awaitable ByteString Callable Container Coroutine Generator Hashable ItemsView Iterable Iterator KeysView "
        "Mapping MappingView MutableMapping MutableSequence MutableSet Sequence Set Sized ValuesView",
    ),
    "urllib": ((3, 0), "urllib.parse", "quote quote_plus unquote unquote_plus urlencode urlparse urljoin"),
}

REMOVED_NAMES: dict[tuple[str, str], Removed] = {
    **{
        (module, name): Removed(since, f"{instead}.{name}")
        for module, (since, instead, names) in _MOVED_NAMES.items()
        for name in names.split()
    },
    ("asyncio", "async"): Removed((3, 7), "asyncio.ensure_future"),
    ("asyncio", "coroutine"): Removed((3, 11), "", advice="Write `async def` instead of the decorator."),
    ("base64", "decodestring"): Removed((3, 9), "base64.decodebytes"),
    ("base64", "encodestring"): Removed((3, 9), "base64.encodebytes"),
    ("cgi", "escape"): Removed((3, 8), "html.escape"),
    ("configparser", "SafeConfigParser"): Removed((3, 12), "configparser.ConfigParser"),
    ("fractions", "gcd"): Removed((3, 9), "math.gcd"),
    ("gettext", "lgettext"): Removed((3, 10), "gettext.gettext"),
    ("inspect", "formatargspec"): Removed((3, 11), "", advice="Use `inspect.signature`."),
    ("inspect", "getargspec"): Removed((3, 11), "inspect.getfullargspec"),
    ("itertools", "ifilter"): Removed((3, 0), "filter"),
    ("itertools", "imap"): Removed((3, 0), "map"),
    ("itertools", "izip"): Removed((3, 0), "zip"),
    ("itertools", "izip_longest"): Removed((3, 0), "itertools.zip_longest"),
    ("locale", "format"): Removed((3, 12), "locale.format_string"),
    ("os", "errno"): Removed((3, 7), "errno"),
    ("os", "getcwdu"): Removed((3, 0), "os.getcwd"),
    ("pkgutil", "ImpImporter"): Removed((3, 12), "", advice="Upgrade the package that uses it (often `setuptools`)."),
    ("platform", "dist"): Removed((3, 8), "", advice="Use the package `distro`."),
    ("platform", "linux_distribution"): Removed((3, 8), "", advice="Use the package `distro`."),
    ("plistlib", "readPlist"): Removed((3, 9), "", advice="Use `plistlib.load` with a file opened as binary."),
    ("ssl", "match_hostname"): Removed((3, 12), "", advice="Let `ssl.SSLContext` check host names."),
    ("ssl", "wrap_socket"): Removed((3, 12), "", advice="Use `ssl.create_default_context().wrap_socket(...)`."),
    ("string", "letters"): Removed((3, 0), "string.ascii_letters"),
    ("string", "lowercase"): Removed((3, 0), "string.ascii_lowercase"),
    ("string", "maketrans"): Removed((3, 0), "str.maketrans"),
    ("string", "uppercase"): Removed((3, 0), "string.ascii_uppercase"),
    ("sys", "maxint"): Removed((3, 0), "sys.maxsize"),
    ("sys", "setcheckinterval"): Removed((3, 9), "", advice="Use `sys.setswitchinterval`, in seconds."),
    ("threading", "_sleep"): Removed((3, 3), "time.sleep"),
    ("time", "clock"): Removed((3, 8), "time.perf_counter"),
    ("types", "StringType"): Removed((3, 0), "str"),
    ("types", "StringTypes"): Removed((3, 0), "str"),
    ("typing", "io"): Removed((3, 13), "", advice="Import `IO`, `TextIO` and `BinaryIO` from `typing`."),
    ("unittest", "makeSuite"): Removed((3, 13), "", advice="Use `unittest.defaultTestLoader.loadTestsFromTestCase`."),
    ("urllib", "urlopen"): Removed((3, 0), "urllib.request.urlopen"),
    ("urllib", "urlretrieve"): Removed((3, 0), "urllib.request.urlretrieve"),
}
"""(module, name) -> what became of it. ``instead`` is dotted, or a builtin."""

ADDED_NAMES: dict[tuple[str, str], tuple[tuple[int, int], str]] = {
    ("asyncio", "TaskGroup"): ((3, 11), ""),
    ("asyncio", "timeout"): ((3, 11), ""),
    ("contextlib", "chdir"): ((3, 11), ""),
    ("copy", "replace"): ((3, 13), ""),
    ("datetime", "UTC"): ((3, 11), ""),
    ("enum", "StrEnum"): ((3, 11), ""),
    ("hashlib", "file_digest"): ((3, 11), ""),
    ("itertools", "batched"): ((3, 12), ""),
    ("itertools", "pairwise"): ((3, 10), ""),
    **{
        ("typing", name): (since, "typing_extensions")
        for since, names in {
            (3, 10): "Concatenate ParamSpec TypeAlias TypeGuard",
            (3, 11): "LiteralString Never NotRequired Required Self TypeVarTuple Unpack assert_never assert_type "
            "dataclass_transform reveal_type",
            (3, 12): "TypeAliasType override",
            (3, 13): "NoDefault ReadOnly TypeIs",
        }.items()
        for name in names.split()
    },
    ("warnings", "deprecated"): ((3, 13), "typing_extensions"),
}
"""(module, name) -> the first version that has it, and a package that brings it to older ones, or ""."""

ADDED_MODULES: dict[str, tuple[tuple[int, int], str]] = {
    "compression": ((3, 14), ""),
    "graphlib": ((3, 9), ""),
    "tomllib": ((3, 11), "tomli"),
    "zoneinfo": ((3, 9), "backports.zoneinfo"),
}
"""Modules that the standard library gained: the first version, and a package for older ones, or ""."""
