"""Names that programs use without importing them, and where they come from."""

from __future__ import annotations

_FROM_STDLIB = {
    "abc": "ABC ABCMeta abstractmethod",
    "argparse": "ArgumentParser Namespace",
    "ast": "literal_eval",
    "base64": "b64decode b64encode urlsafe_b64decode urlsafe_b64encode",
    "bisect": "bisect_left bisect_right insort",
    "collections": "ChainMap Counter OrderedDict defaultdict deque namedtuple",
    "collections.abc": "AsyncIterator Awaitable Callable Coroutine Generator Hashable Iterable Iterator Mapping "
    "MutableMapping MutableSequence Sequence",
    "concurrent.futures": "ProcessPoolExecutor ThreadPoolExecutor as_completed",
    "contextlib": "ExitStack asynccontextmanager closing contextmanager nullcontext redirect_stdout suppress",
    "copy": "copy deepcopy",
    "csv": "DictReader DictWriter",
    "dataclasses": "asdict astuple dataclass field is_dataclass",
    "datetime": "UTC date datetime timedelta timezone",
    "decimal": "ROUND_HALF_UP Decimal InvalidOperation getcontext",
    "difflib": "SequenceMatcher get_close_matches",
    "email.message": "EmailMessage",
    "email.mime.multipart": "MIMEMultipart",
    "email.mime.text": "MIMEText",
    "enum": "Enum Flag IntEnum IntFlag StrEnum auto",
    "fractions": "Fraction",
    "functools": "cached_property cmp_to_key lru_cache partial reduce singledispatch total_ordering wraps",
    "getpass": "getpass getuser",
    "glob": "glob iglob",
    "hashlib": "blake2b md5 sha1 sha256 sha512",
    "heapq": "heapify heappop heappush heappushpop nlargest nsmallest",
    "http": "HTTPStatus",
    "http.server": "BaseHTTPRequestHandler HTTPServer SimpleHTTPRequestHandler ThreadingHTTPServer",
    "importlib": "import_module",
    "io": "BytesIO StringIO TextIOWrapper",
    "itertools": "accumulate chain combinations combinations_with_replacement count cycle dropwhile groupby islice "
    "pairwise permutations product starmap takewhile tee zip_longest",
    "json": "JSONDecodeError JSONEncoder",
    "logging": "getLogger",
    "math": "ceil comb cos exp factorial floor gcd hypot inf isclose isnan log log10 log2 pi radians sin sqrt tan tau",
    "multiprocessing": "Process",
    "operator": "attrgetter itemgetter methodcaller",
    "pathlib": "Path PosixPath PurePath PurePosixPath WindowsPath",
    "pprint": "pformat pprint",
    "queue": "Empty LifoQueue PriorityQueue Queue",
    "random": "choice choices randint random randrange sample shuffle uniform",
    "shutil": "copy2 copyfile copytree rmtree which",
    "statistics": "mean median mode stdev variance",
    "string": "Template ascii_letters ascii_lowercase ascii_uppercase digits punctuation",
    "subprocess": "CalledProcessError DEVNULL PIPE Popen TimeoutExpired check_call check_output",
    "tempfile": "NamedTemporaryFile TemporaryDirectory mkdtemp mkstemp",
    "textwrap": "dedent",
    "threading": "Condition Lock RLock Semaphore Thread Timer",
    "time": "monotonic perf_counter sleep strftime",
    "traceback": "format_exc print_exc",
    "types": "ModuleType SimpleNamespace TracebackType",
    "typing": "TYPE_CHECKING Annotated Any ClassVar Dict Final FrozenSet Generic List Literal NamedTuple "
    "NewType NoReturn Optional Protocol Set Tuple Type TypeAlias TypeVar TypedDict Union cast final overload",
    "unittest": "TestCase",
    "unittest.mock": "MagicMock Mock patch",
    "urllib.error": "HTTPError URLError",
    "urllib.parse": "parse_qs quote quote_plus unquote urlencode urljoin urlparse urlsplit urlunparse",
    "urllib.request": "urlopen urlretrieve",
    "uuid": "UUID uuid1 uuid4 uuid5",
    "zipfile": "ZipFile",
    "zoneinfo": "ZoneInfo",
}

STDLIB_NAMES: dict[str, str] = {name: module for module, names in _FROM_STDLIB.items() for name in names.split()}
"""What is commonly imported by name from the standard library, and its module."""

_CONSTANTS = (
    "ROUND_HALF_UP DEVNULL PIPE TYPE_CHECKING UTC ascii_letters ascii_lowercase ascii_uppercase digits inf pi "
    "punctuation tau"
)

CONSTANTS = frozenset(_CONSTANTS.split())
"""Those of ``STDLIB_NAMES`` that are used without being called."""

STDLIB_ALIASES: dict[str, str] = {
    "ET": "xml.etree.ElementTree",
    "dt": "datetime",
    "mp": "multiprocessing",
    "tk": "tkinter",
    "ttk": "tkinter.ttk",
}

ALIASES: dict[str, tuple[str, str]] = {
    "F": ("torch.nn.functional", "relu softmax log_softmax cross_entropy dropout mse_loss nll_loss sigmoid pad"),
    "cv": ("cv2", "imread imshow imwrite VideoCapture cvtColor resize waitKey"),
    "go": ("plotly.graph_objects", "Figure Scatter Bar Layout Heatmap Pie Histogram"),
    "gpd": ("geopandas", ""),
    "jnp": ("jax.numpy", ""),
    "lgb": ("lightgbm", ""),
    "mpl": ("matplotlib", ""),
    "nn": ("torch.nn", "Module Linear Conv2d ReLU Sequential Dropout CrossEntropyLoss MSELoss LSTM functional"),
    "np": ("numpy", ""),
    "nx": ("networkx", ""),
    "pd": ("pandas", ""),
    "pl": ("polars", "DataFrame LazyFrame Series col lit read_csv scan_csv read_parquet"),
    "plt": ("matplotlib.pyplot", ""),
    "px": ("plotly.express", "bar line scatter histogram pie box choropleth imshow"),
    "sa": ("sqlalchemy", "Column Integer String create_engine select text ForeignKey"),
    "sm": ("statsmodels.api", "OLS Logit GLM add_constant tsa"),
    "smf": ("statsmodels.formula.api", ""),
    "sns": ("seaborn", ""),
    "st": ("streamlit", "write title header sidebar button markdown dataframe text_input session_state columns"),
    "tf": ("tensorflow", ""),
    "xgb": ("xgboost", ""),
    "xr": ("xarray", ""),
}
"""Conventional aliases of third-party modules, with the attributes that tell them from a variable.

Where there are none, any attribute does: the alias is hardly used for anything else.
"""

_FROM_THIRD_PARTY = {
    "PIL": "Image ImageDraw ImageFont",
    "bs4": "BeautifulSoup",
    "dotenv": "dotenv_values load_dotenv",
    "fastapi": "APIRouter Depends FastAPI HTTPException",
    "flask": "Blueprint Flask jsonify redirect render_template url_for",
    "pandas": "DataFrame read_csv",
    "pydantic": "BaseModel BaseSettings",
    "rich.console": "Console",
    "selenium": "webdriver",
    "sklearn.cluster": "KMeans",
    "sklearn.decomposition": "PCA",
    "sklearn.ensemble": "RandomForestClassifier RandomForestRegressor",
    "sklearn.linear_model": "LinearRegression LogisticRegression",
    "sklearn.metrics": "accuracy_score confusion_matrix mean_squared_error",
    "sklearn.model_selection": "GridSearchCV cross_val_score train_test_split",
    "sklearn.pipeline": "Pipeline",
    "sklearn.preprocessing": "MinMaxScaler StandardScaler",
    "sqlalchemy": "create_engine",
    "tqdm": "tqdm",
}

THIRD_PARTY_NAMES: dict[str, str] = {
    name: module for module, names in _FROM_THIRD_PARTY.items() for name in names.split()
}
"""What is commonly imported by name from third-party packages, and its module."""

FOREIGN_NAMES: dict[str, tuple[str, str]] = {
    "FALSE": ("False", "another language"),
    "NULL": ("None", "another language"),
    "TRUE": ("True", "another language"),
    "basestring": ("str", "Python 2"),
    "false": ("False", "JSON and JavaScript"),
    "long": ("int", "Python 2"),
    "nil": ("None", "another language"),
    "none": ("None", "another language"),
    "null": ("None", "JSON and JavaScript"),
    "raw_input": ("input", "Python 2"),
    "true": ("True", "JSON and JavaScript"),
    "undefined": ("None", "JavaScript"),
    "unichr": ("chr", "Python 2"),
    "unicode": ("str", "Python 2"),
    "xrange": ("range", "Python 2"),
}
"""Names of Python 2 and of other languages: the Python 3 name, and where they come from."""
