"""What the commonest modules of the standard library offer.

The public names are those of CPython 3.11, 3.12 and 3.13 together (``__all__``, or what ``dir()`` lists),
without constants that only some systems have. They tell ``json.loads`` from ``json.load_file``, and the
module ``code`` from a variable of that name, without importing anything.
"""

from __future__ import annotations

from functools import cache

_PUBLIC = {
    "argparse": (
        "Action ArgumentDefaultsHelpFormatter ArgumentError ArgumentParser ArgumentTypeError "
        "BooleanOptionalAction FileType HelpFormatter MetavarTypeHelpFormatter Namespace ONE_OR_MORE "
        "OPTIONAL PARSER RawDescriptionHelpFormatter RawTextHelpFormatter REMAINDER SUPPRESS ZERO_OR_MORE"
    ),
    "array": "ArrayType",
    "ast": "AST",
    "asyncio": (
        "AbstractChildWatcher AbstractEventLoop AbstractEventLoopPolicy AbstractServer ALL_COMPLETED "
        "all_tasks as_completed Barrier BaseEventLoop BaseProtocol BaseTransport BoundedSemaphore "
        "BrokenBarrierError BufferedProtocol CancelledError Condition create_eager_task_factory "
        "create_subprocess_exec create_subprocess_shell create_task current_task DatagramProtocol "
        "DatagramTransport DefaultEventLoopPolicy eager_task_factory ensure_future Event EventLoop "
        "FastChildWatcher FIRST_COMPLETED FIRST_EXCEPTION Future gather get_child_watcher get_event_loop "
        "get_event_loop_policy get_running_loop Handle IncompleteReadError InvalidStateError iscoroutine "
        "iscoroutinefunction isfuture LifoQueue LimitOverrunError Lock MultiLoopChildWatcher new_event_loop "
        "open_connection open_unix_connection PidfdChildWatcher PriorityQueue Protocol Queue QueueEmpty "
        "QueueFull QueueShutDown ReadTransport run run_coroutine_threadsafe Runner SafeChildWatcher "
        "SelectorEventLoop Semaphore SendfileNotAvailableError Server set_child_watcher set_event_loop "
        "set_event_loop_policy shield sleep start_server start_unix_server StreamReader "
        "StreamReaderProtocol StreamWriter SubprocessProtocol SubprocessTransport Task TaskGroup "
        "ThreadedChildWatcher Timeout timeout timeout_at TimeoutError TimerHandle to_thread Transport wait "
        "wait_for wrap_future WriteTransport"
    ),
    "base64": (
        "a85decode a85encode b16decode b16encode b32decode b32encode b32hexdecode b32hexencode b64decode "
        "b64encode b85decode b85encode decode decodebytes encode encodebytes standard_b64decode "
        "standard_b64encode urlsafe_b64decode urlsafe_b64encode z85decode z85encode"
    ),
    "bisect": "bisect",
    "calendar": (
        "APRIL AUGUST c Calendar calendar Day day_abbr day_name DECEMBER different_locale EPOCH error "
        "February FEBRUARY firstweekday format formatstring FRIDAY HTMLCalendar IllegalMonthError "
        "IllegalWeekdayError isleap January JANUARY JULY JUNE leapdays LocaleHTMLCalendar "
        "LocaleTextCalendar main MARCH MAY mdays MONDAY Month month month_abbr month_name monthcalendar "
        "monthrange NOVEMBER OCTOBER prcal prmonth prweek repeat SATURDAY SEPTEMBER setfirstweekday SUNDAY "
        "TextCalendar THURSDAY timegm TUESDAY WEDNESDAY week weekday weekheader"
    ),
    "cmath": "acos",
    "code": "compile_command interact InteractiveConsole InteractiveInterpreter",
    "codecs": (
        "backslashreplace_errors BOM BOM32_BE BOM32_LE BOM64_BE BOM64_LE BOM_BE BOM_LE BOM_UTF16 "
        "BOM_UTF16_BE BOM_UTF16_LE BOM_UTF32 BOM_UTF32_BE BOM_UTF32_LE BOM_UTF8 Codec CodecInfo decode "
        "encode EncodedFile getdecoder getencoder getincrementaldecoder getincrementalencoder getreader "
        "getwriter ignore_errors IncrementalDecoder IncrementalEncoder iterdecode iterencode lookup "
        "lookup_error namereplace_errors open register register_error replace_errors StreamReader "
        "StreamReaderWriter StreamRecoder StreamWriter strict_errors xmlcharrefreplace_errors"
    ),
    "collections": "ChainMap Counter defaultdict deque namedtuple OrderedDict UserDict UserList UserString",
    "collections.abc": (
        "AsyncGenerator AsyncIterable AsyncIterator Awaitable Buffer ByteString Callable Collection "
        "Container Coroutine Generator Hashable ItemsView Iterable Iterator KeysView Mapping MappingView "
        "MutableMapping MutableSequence MutableSet Reversible Sequence Set Sized ValuesView"
    ),
    "configparser": (
        "BasicInterpolation ConfigParser ConverterMapping DEFAULTSECT DuplicateOptionError "
        "DuplicateSectionError ExtendedInterpolation Interpolation InterpolationDepthError "
        "InterpolationError InterpolationMissingOptionError InterpolationSyntaxError LegacyInterpolation "
        "MAX_INTERPOLATION_DEPTH MissingSectionHeaderError MultilineContinuationError NoOptionError "
        "NoSectionError ParsingError RawConfigParser SafeConfigParser SectionProxy UNNAMED_SECTION"
    ),
    "contextlib": (
        "AbstractAsyncContextManager AbstractContextManager aclosing asynccontextmanager AsyncExitStack "
        "chdir closing ContextDecorator contextmanager ExitStack nullcontext redirect_stderr "
        "redirect_stdout suppress"
    ),
    "copy": "copy deepcopy Error replace",
    "csv": (
        "Dialect DictReader DictWriter Error excel excel_tab field_size_limit get_dialect list_dialects "
        "QUOTE_ALL QUOTE_MINIMAL QUOTE_NONE QUOTE_NONNUMERIC QUOTE_NOTNULL QUOTE_STRINGS reader "
        "register_dialect Sniffer unix_dialect unregister_dialect writer"
    ),
    "ctypes": "ARRAY",
    "dataclasses": (
        "asdict astuple dataclass Field field fields FrozenInstanceError InitVar is_dataclass KW_ONLY "
        "make_dataclass MISSING replace"
    ),
    "datetime": "date datetime datetime_CAPI MAXYEAR MINYEAR time timedelta timezone tzinfo UTC",
    "decimal": "BasicContext",
    "difflib": (
        "context_diff diff_bytes Differ get_close_matches HtmlDiff IS_CHARACTER_JUNK IS_LINE_JUNK Match "
        "ndiff restore SequenceMatcher unified_diff"
    ),
    "email": (
        "base64mime charset encoders errors feedparser generator header iterators message "
        "message_from_binary_file message_from_bytes message_from_file message_from_string mime parser "
        "quoprimime utils"
    ),
    "enum": (
        "auto CONFORM CONTINUOUS EJECT Enum EnumCheck EnumDict EnumMeta EnumType Flag FlagBoundary "
        "global_enum global_enum_repr global_flag_repr global_str IntEnum IntFlag KEEP member NAMED_FLAGS "
        "nonmember pickle_by_enum_name pickle_by_global_name property ReprEnum StrEnum STRICT UNIQUE unique "
        "verify"
    ),
    "fractions": "Fraction",
    "functools": (
        "cache cached_property cmp_to_key lru_cache partial partialmethod reduce singledispatch "
        "singledispatchmethod total_ordering update_wrapper WRAPPER_ASSIGNMENTS WRAPPER_UPDATES wraps"
    ),
    "getpass": "getpass GetPassWarning getuser",
    "glob": "escape glob iglob translate",
    "gzip": "BadGzipFile compress decompress GzipFile open",
    "hashlib": (
        "algorithms_available algorithms_guaranteed blake2b blake2s file_digest md5 new pbkdf2_hmac sha1 "
        "sha224 sha256 sha384 sha3_224 sha3_256 sha3_384 sha3_512 sha512 shake_128 shake_256"
    ),
    "heapq": "heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest",
    "hmac": "HMAC",
    "html": "escape unescape",
    "importlib": "import_module invalidate_caches reload",
    "inspect": (
        "AGEN_CLOSED AGEN_CREATED AGEN_RUNNING AGEN_SUSPENDED ArgInfo Arguments Attribute BlockFinder "
        "BoundArguments BufferFlags ClassFoundException classify_class_attrs cleandoc ClosureVars "
        "CO_ASYNC_GENERATOR CO_COROUTINE CO_GENERATOR CO_ITERABLE_COROUTINE CO_NESTED CO_NEWLOCALS "
        "CO_NOFREE CO_OPTIMIZED CO_VARARGS CO_VARKEYWORDS CORO_CLOSED CORO_CREATED CORO_RUNNING "
        "CORO_SUSPENDED currentframe EndOfBlock findsource formatannotation formatannotationrelativeto "
        "formatargvalues FrameInfo FullArgSpec GEN_CLOSED GEN_CREATED GEN_RUNNING GEN_SUSPENDED "
        "get_annotations getabsfile getargs getargvalues getasyncgenlocals getasyncgenstate getattr_static "
        "getblock getcallargs getclasstree getclosurevars getcomments getcoroutinelocals getcoroutinestate "
        "getdoc getfile getframeinfo getfullargspec getgeneratorlocals getgeneratorstate getinnerframes "
        "getlineno getmembers getmembers_static getmodule getmodulename getmro getouterframes getsource "
        "getsourcefile getsourcelines indentsize isabstract isasyncgen isasyncgenfunction isawaitable "
        "isbuiltin isclass iscode iscoroutine iscoroutinefunction isdatadescriptor isframe isfunction "
        "isgenerator isgeneratorfunction isgetsetdescriptor ismemberdescriptor ismethod ismethoddescriptor "
        "ismethodwrapper ismodule isroutine istraceback markcoroutinefunction Parameter Signature signature "
        "stack TPFLAGS_IS_ABSTRACT trace Traceback unwrap walktree"
    ),
    "io": (
        "BlockingIOError BufferedIOBase BufferedRandom BufferedReader BufferedRWPair BufferedWriter BytesIO "
        "DEFAULT_BUFFER_SIZE FileIO IncrementalNewlineDecoder IOBase open open_code RawIOBase SEEK_CUR "
        "SEEK_END SEEK_SET StringIO text_encoding TextIOBase TextIOWrapper UnsupportedOperation"
    ),
    "itertools": "accumulate",
    "json": "dump dumps JSONDecodeError JSONDecoder JSONEncoder load loads",
    "locale": (
        "atof atoi CHAR_MAX currency Error format format_string getdefaultlocale getencoding getlocale "
        "getpreferredencoding LC_ALL LC_COLLATE LC_CTYPE LC_MESSAGES LC_MONETARY LC_NUMERIC LC_TIME "
        "localeconv normalize resetlocale setlocale str strcoll strxfrm"
    ),
    "logging": (
        "addLevelName BASIC_FORMAT basicConfig BufferingFormatter captureWarnings CRITICAL critical "
        "currentframe debug DEBUG disable ERROR error exception fatal FATAL FileHandler Filter Filterer "
        "Formatter GenericAlias getHandlerByName getHandlerNames getLevelName getLevelNamesMapping "
        "getLogger getLoggerClass getLogRecordFactory Handler info INFO lastResort log logAsyncioTasks "
        "Logger LoggerAdapter logMultiprocessing logProcesses LogRecord logThreads makeLogRecord Manager "
        "NOTSET NullHandler PercentStyle PlaceHolder raiseExceptions root RootLogger setLoggerClass "
        "setLogRecordFactory shutdown StreamHandler StrFormatStyle StringTemplateStyle Template WARN warn "
        "warning WARNING"
    ),
    "math": (
        "acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist e erf erfc "
        "exp exp2 expm1 fabs factorial floor fma fmod frexp fsum gamma gcd hypot inf isclose isfinite isinf "
        "isnan isqrt lcm ldexp lgamma log log10 log1p log2 modf nan nextafter perm pi pow prod radians "
        "remainder sin sinh sqrt sumprod tan tanh tau trunc ulp"
    ),
    "mimetypes": (
        "add_type common_types encodings_map guess_all_extensions guess_extension guess_file_type "
        "guess_type init inited knownfiles MimeTypes read_mime_types suffix_map types_map"
    ),
    "multiprocessing": (
        "active_children allow_connection_pickling Array AuthenticationError Barrier BoundedSemaphore "
        "BufferTooShort Condition cpu_count current_process Event freeze_support get_all_start_methods "
        "get_context get_logger get_start_method JoinableQueue Lock log_to_stderr Manager parent_process "
        "Pipe Pool Process ProcessError Queue RawArray RawValue reducer RLock Semaphore set_executable "
        "set_forkserver_preload set_start_method SimpleQueue TimeoutError Value"
    ),
    "operator": (
        "abs add and_ attrgetter call concat contains countOf delitem eq floordiv ge getitem gt iadd iand "
        "iconcat ifloordiv ilshift imatmul imod imul index indexOf inv invert ior ipow irshift is_ is_not "
        "isub itemgetter itruediv ixor le length_hint lshift lt matmul methodcaller mod mul ne neg not_ or_ "
        "pos pow rshift setitem sub truediv truth xor"
    ),
    "os": (
        "abort access altsep chdir chmod chown chroot close closerange confstr confstr_names "
        "copy_file_range cpu_count ctermid curdir defpath device_encoding devnull DirEntry dup dup2 environ "
        "environb error eventfd eventfd_read eventfd_write execl execle execlp execlpe execv execve execvp "
        "execvpe extsep F_OK fchdir fchmod fchown fdatasync fdopen fork forkpty fpathconf fsdecode fsencode "
        "fspath fstat fstatvfs fsync ftruncate fwalk get_blocking get_exec_path get_inheritable "
        "get_terminal_size getcwd getcwdb getegid getenv getenvb geteuid getgid getgrouplist getgroups "
        "getloadavg getlogin getpgid getpgrp getpid getppid getpriority getrandom getsid getuid getxattr "
        "grantpt initgroups isatty kill killpg lchown linesep link listdir listxattr lockf login_tty lseek "
        "lstat major makedev makedirs memfd_create minor mkdir mkfifo mknod name nice O_APPEND O_CREAT "
        "O_EXCL O_RDONLY O_RDWR O_TRUNC O_WRONLY open openpty pardir path pathconf pathconf_names PathLike "
        "pathsep pidfd_open pipe pipe2 popen pread preadv process_cpu_count ptsname putenv pwrite pwritev "
        "R_OK read readlink readv register_at_fork remove removedirs removexattr rename renames replace "
        "rmdir scandir SEEK_CUR SEEK_DATA SEEK_END SEEK_HOLE SEEK_SET sendfile sep set_blocking "
        "set_inheritable setegid seteuid setgid setgroups setns setpgid setpgrp setpriority setregid "
        "setreuid setsid setuid setxattr spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe "
        "splice startfile stat stat_result statvfs statvfs_result strerror supports_bytes_environ "
        "supports_dir_fd supports_effective_ids supports_fd supports_follow_symlinks symlink sync sysconf "
        "sysconf_names system tcgetpgrp tcsetpgrp terminal_size timerfd_create timerfd_gettime "
        "timerfd_gettime_ns timerfd_settime timerfd_settime_ns times times_result TMP_MAX truncate ttyname "
        "umask uname uname_result unlink unlockpt unsetenv unshare urandom utime W_OK wait wait3 wait4 "
        "waitid waitid_result waitpid waitstatus_to_exitcode walk WEXITSTATUS write writev X_OK"
    ),
    "os.path": (
        "abspath altsep basename commonpath commonprefix curdir defpath devnull dirname exists expanduser "
        "expandvars extsep getatime getctime getmtime getsize isabs isdevdrive isdir isfile isjunction "
        "islink ismount join lexists normcase normpath pardir pathsep realpath relpath samefile "
        "sameopenfile samestat sep split splitdrive splitext splitroot supports_unicode_filenames"
    ),
    "pathlib": "Path PosixPath PurePath PurePosixPath PureWindowsPath UnsupportedOperation WindowsPath",
    "pickle": (
        "DEFAULT_PROTOCOL dump dumps HIGHEST_PROTOCOL load loads PickleBuffer PickleError Pickler "
        "PicklingError Unpickler UnpicklingError"
    ),
    "platform": (
        "android_ver AndroidVer architecture freedesktop_os_release ios_ver IOSVersionInfo java_ver "
        "libc_ver mac_ver machine node platform processor python_branch python_build python_compiler "
        "python_implementation python_revision python_version python_version_tuple release system "
        "system_alias uname uname_result version win32_edition win32_is_iot win32_ver"
    ),
    "pprint": "isreadable isrecursive pformat pp pprint PrettyPrinter saferepr",
    "queue": "Empty Full LifoQueue PriorityQueue Queue ShutDown SimpleQueue",
    "random": (
        "betavariate binomialvariate BPF choice choices expovariate gammavariate gauss getrandbits getstate "
        "LOG4 lognormvariate main normalvariate NV_MAGICCONST paretovariate randbytes randint random Random "
        "randrange RECIP_BPF sample seed setstate SG_MAGICCONST shuffle SystemRandom triangular TWOPI "
        "uniform vonmisesvariate weibullvariate"
    ),
    "re": (
        "A ASCII compile DEBUG DOTALL error escape findall finditer fullmatch I IGNORECASE L LOCALE M Match "
        "match MULTILINE NOFLAG Pattern PatternError purge RegexFlag S Scanner search split sub subn T "
        "template TEMPLATE U UNICODE VERBOSE X"
    ),
    "secrets": "choice compare_digest randbelow randbits SystemRandom token_bytes token_hex token_urlsafe",
    "select": "epoll error poll select",
    "shelve": "BsdDbShelf DbfilenameShelf open Shelf",
    "shlex": "join quote shlex split",
    "shutil": (
        "chown copy copy2 copyfile copyfileobj copymode copystat copytree disk_usage Error ExecError "
        "get_archive_formats get_terminal_size get_unpack_formats ignore_patterns make_archive move "
        "register_archive_format register_unpack_format rmtree SameFileError SpecialFileError "
        "unpack_archive unregister_archive_format unregister_unpack_format which"
    ),
    "signal": (
        "alarm default_int_handler getitimer getsignal Handlers ItimerError pause pidfd_send_signal "
        "pthread_kill pthread_sigmask raise_signal set_wakeup_fd setitimer SIG_DFL SIG_IGN SIGALRM SIGCHLD "
        "SIGHUP SIGINT siginterrupt SIGKILL Sigmasks signal Signals sigpending SIGPIPE SIGTERM sigtimedwait "
        "SIGUSR1 SIGUSR2 sigwait sigwaitinfo strsignal struct_siginfo valid_signals"
    ),
    "site": "ENABLE_USER_SITE",
    "socket": (
        "AddressFamily AddressInfo AF_DECnet AF_INET AF_INET6 AF_UNIX close create_connection create_server "
        "dup error fromfd gaierror getaddrinfo getdefaulttimeout getfqdn gethostbyaddr gethostbyname "
        "gethostbyname_ex gethostname getnameinfo getprotobyname getservbyname getservbyport "
        "has_dualstack_ipv6 has_ipv6 herror htonl htons if_indextoname if_nameindex if_nametoindex "
        "INADDR_ANY inet_aton inet_ntoa inet_ntop inet_pton IPPROTO_TCP MsgFlag ntohl ntohs recv_fds "
        "send_fds setdefaulttimeout sethostname SHUT_RDWR SHUT_WR SO_BROADCAST SO_REUSEADDR SOCK_DGRAM "
        "SOCK_STREAM socket SocketIO SocketKind socketpair SocketType SOL_SOCKET TCP_NODELAY timeout"
    ),
    "sqlite3": (
        "apilevel Binary Blob complete_statement connect Connection Cursor DatabaseError DataError Date "
        "DateFromTicks dbapi2 enable_callback_tracebacks enable_shared_cache Error IntegrityError "
        "InterfaceError InternalError LEGACY_TRANSACTION_CONTROL NotSupportedError OperationalError "
        "paramstyle PARSE_COLNAMES PARSE_DECLTYPES PrepareProtocol ProgrammingError register_adapter "
        "register_converter Row sqlite_version sqlite_version_info threadsafety Time TimeFromTicks "
        "Timestamp TimestampFromTicks version version_info Warning"
    ),
    "ssl": (
        "AlertDescription CERT_NONE CERT_REQUIRED cert_time_to_seconds CertificateError create_connection "
        "create_default_context DefaultVerifyPaths DER_cert_to_PEM_cert get_default_verify_paths "
        "get_protocol_name get_server_certificate match_hostname MemoryBIO Options PEM_cert_to_DER_cert "
        "PROTOCOL_SSLv23 PROTOCOL_TLS PROTOCOL_TLS_CLIENT PROTOCOL_TLS_SERVER Purpose SOCK_STREAM socket "
        "socket_error SOL_SOCKET SSLCertVerificationError SSLContext SSLEOFError SSLError SSLErrorNumber "
        "SSLObject SSLSession SSLSocket SSLSyscallError SSLWantReadError SSLWantWriteError "
        "SSLZeroReturnError TLSVersion VerifyFlags VerifyMode wrap_socket"
    ),
    "stat": "filemode S_ISDIR S_ISREG ST_MTIME ST_SIZE",
    "statistics": (
        "correlation covariance fmean geometric_mean harmonic_mean kde kde_random linear_regression mean "
        "median median_grouped median_high median_low mode multimode NormalDist pstdev pvariance quantiles "
        "StatisticsError stdev variance"
    ),
    "string": (
        "ascii_letters ascii_lowercase ascii_uppercase capwords digits Formatter hexdigits octdigits "
        "printable punctuation Template whitespace"
    ),
    "struct": "calcsize error iter_unpack pack pack_into Struct unpack unpack_from",
    "subprocess": (
        "call CalledProcessError check_call check_output CompletedProcess DEVNULL getoutput getstatusoutput "
        "PIPE Popen run STDOUT SubprocessError TimeoutExpired"
    ),
    "sys": (
        "abiflags activate_stack_trampoline addaudithook api_version argv audit base_exec_prefix "
        "base_prefix breakpointhook builtin_module_names byteorder call_tracing copyright "
        "deactivate_stack_trampoline displayhook dont_write_bytecode exc_info excepthook exception "
        "exec_prefix executable exit flags float_info float_repr_style get_asyncgen_hooks "
        "get_coroutine_origin_tracking_depth get_int_max_str_digits getallocatedblocks getdefaultencoding "
        "getdlopenflags getfilesystemencodeerrors getfilesystemencoding getprofile getrecursionlimit "
        "getrefcount getsizeof getswitchinterval gettrace getunicodeinternedsize hash_info hexversion "
        "implementation int_info intern is_finalizing is_stack_trampoline_active maxsize maxunicode "
        "meta_path modules monitoring orig_argv path path_hooks path_importer_cache platform platlibdir "
        "prefix pycache_prefix set_asyncgen_hooks set_coroutine_origin_tracking_depth "
        "set_int_max_str_digits setdlopenflags setprofile setrecursionlimit setswitchinterval settrace "
        "stderr stdin stdlib_module_names stdout thread_info unraisablehook version version_info "
        "warnoptions"
    ),
    "tarfile": (
        "AbsoluteLinkError AbsolutePathError CompressionError data_filter DEFAULT_FORMAT ENCODING "
        "ExtractError FilterError fully_trusted_filter GNU_FORMAT HeaderError is_tarfile "
        "LinkOutsideDestinationError open OutsideDestinationError PAX_FORMAT ReadError SpecialFileError "
        "StreamError tar_filter TarError TarFile TarInfo USTAR_FORMAT"
    ),
    "tempfile": (
        "gettempdir gettempdirb gettempprefix gettempprefixb mkdtemp mkstemp mktemp NamedTemporaryFile "
        "SpooledTemporaryFile tempdir TemporaryDirectory TemporaryFile TMP_MAX"
    ),
    "textwrap": "dedent fill indent shorten TextWrapper wrap",
    "threading": (
        "active_count Barrier BoundedSemaphore BrokenBarrierError Condition current_thread enumerate Event "
        "excepthook ExceptHookArgs get_ident get_native_id getprofile gettrace local Lock main_thread RLock "
        "Semaphore setprofile setprofile_all_threads settrace settrace_all_threads stack_size Thread "
        "ThreadError TIMEOUT_MAX Timer"
    ),
    "time": (
        "altzone asctime clock_getres clock_gettime clock_gettime_ns CLOCK_MONOTONIC CLOCK_REALTIME "
        "clock_settime clock_settime_ns ctime daylight get_clock_info gmtime localtime mktime monotonic "
        "monotonic_ns perf_counter perf_counter_ns process_time process_time_ns pthread_getcpuclockid sleep "
        "strftime strptime struct_time thread_time thread_time_ns time time_ns timezone tzname tzset"
    ),
    "timeit": "default_timer repeat timeit Timer",
    "token": "COMMENT ISTERMINAL NAME NUMBER OP STRING tok_name",
    "traceback": (
        "clear_frames extract_stack extract_tb format_exc format_exception format_exception_only "
        "format_list format_stack format_tb FrameSummary print_exc print_exception print_last print_stack "
        "print_tb StackSummary TracebackException walk_stack walk_tb"
    ),
    "types": (
        "AsyncGeneratorType BuiltinFunctionType BuiltinMethodType CapsuleType CellType "
        "ClassMethodDescriptorType CodeType coroutine CoroutineType DynamicClassAttribute EllipsisType "
        "FrameType FunctionType GeneratorType GenericAlias get_original_bases GetSetDescriptorType "
        "LambdaType MappingProxyType MemberDescriptorType MethodDescriptorType MethodType MethodWrapperType "
        "ModuleType new_class NoneType NotImplementedType prepare_class resolve_bases SimpleNamespace "
        "TracebackType UnionType WrapperDescriptorType"
    ),
    "typing": (
        "AbstractSet Annotated Any AnyStr assert_never assert_type AsyncContextManager AsyncGenerator "
        "AsyncIterable AsyncIterator Awaitable BinaryIO ByteString Callable cast ChainMap ClassVar "
        "clear_overloads Collection Concatenate Container ContextManager Coroutine Counter "
        "dataclass_transform DefaultDict Deque Dict Final final ForwardRef FrozenSet Generator Generic "
        "get_args get_origin get_overloads get_protocol_members get_type_hints Hashable IO is_protocol "
        "is_typeddict ItemsView Iterable Iterator KeysView List Literal LiteralString Mapping MappingView "
        "Match MutableMapping MutableSequence MutableSet NamedTuple Never NewType no_type_check "
        "no_type_check_decorator NoDefault NoReturn NotRequired Optional OrderedDict overload override "
        "ParamSpec ParamSpecArgs ParamSpecKwargs Pattern Protocol ReadOnly Required reveal_type Reversible "
        "runtime_checkable Self Sequence Set Sized SupportsAbs SupportsBytes SupportsComplex SupportsFloat "
        "SupportsIndex SupportsInt SupportsRound Text TextIO Tuple Type TYPE_CHECKING TypeAlias "
        "TypeAliasType TypedDict TypeGuard TypeIs TypeVar TypeVarTuple Union Unpack ValuesView"
    ),
    "unicodedata": "UCD",
    "unittest": (
        "addModuleCleanup defaultTestLoader doModuleCleanups enterModuleContext expectedFailure "
        "findTestCases FunctionTestCase getTestCaseNames installHandler IsolatedAsyncioTestCase main "
        "makeSuite registerResult removeHandler removeResult skip skipIf SkipTest skipUnless TestCase "
        "TestLoader TestResult TestSuite TextTestResult TextTestRunner"
    ),
    "urllib.parse": (
        "DefragResult DefragResultBytes parse_qs parse_qsl ParseResult ParseResultBytes quote "
        "quote_from_bytes quote_plus SplitResult SplitResultBytes unquote unquote_plus unquote_to_bytes "
        "urldefrag urlencode urljoin urlparse urlsplit urlunparse urlunsplit"
    ),
    "urllib.request": (
        "AbstractBasicAuthHandler AbstractDigestAuthHandler BaseHandler build_opener CacheFTPHandler "
        "DataHandler FancyURLopener FileHandler FTPHandler getproxies HTTPBasicAuthHandler "
        "HTTPCookieProcessor HTTPDefaultErrorHandler HTTPDigestAuthHandler HTTPErrorProcessor HTTPHandler "
        "HTTPPasswordMgr HTTPPasswordMgrWithDefaultRealm HTTPPasswordMgrWithPriorAuth HTTPRedirectHandler "
        "HTTPSHandler install_opener OpenerDirector pathname2url ProxyBasicAuthHandler "
        "ProxyDigestAuthHandler ProxyHandler Request UnknownHandler url2pathname urlcleanup urlopen "
        "URLopener urlretrieve"
    ),
    "uuid": "NAMESPACE_DNS",
    "warnings": (
        "catch_warnings deprecated filterwarnings formatwarning resetwarnings showwarning simplefilter warn "
        "warn_explicit"
    ),
    "weakref": (
        "CallableProxyType finalize getweakrefcount getweakrefs proxy ProxyType ProxyTypes ref "
        "ReferenceType WeakKeyDictionary WeakMethod WeakSet WeakValueDictionary"
    ),
    "zipfile": (
        "BadZipFile BadZipfile error is_zipfile LargeZipFile Path PyZipFile ZIP_BZIP2 ZIP_DEFLATED ZIP_LZMA "
        "ZIP_STORED ZipFile ZipInfo"
    ),
    "zlib": "DEFLATED",
}


_SUBMODULES = (
    "concurrent.futures ctypes.util email.header email.message email.mime.base email.mime.image "
    "email.mime.multipart email.mime.text email.policy email.utils html.entities html.parser http.client "
    "http.cookiejar http.cookies http.server importlib.metadata importlib.resources importlib.util json.decoder "
    "logging.config logging.handlers multiprocessing.pool multiprocessing.shared_memory os.path tkinter.colorchooser "
    "tkinter.filedialog tkinter.font tkinter.messagebox tkinter.scrolledtext tkinter.simpledialog tkinter.ttk "
    "unittest.mock urllib.error urllib.parse urllib.request urllib.robotparser wsgiref.simple_server xml.dom.minidom "
    "xml.etree.ElementTree xml.sax.saxutils xmlrpc.client xmlrpc.server collections.abc curses.ascii"
)

SUBMODULES = frozenset(_SUBMODULES.split())
"""Modules of the standard library's packages, most of which ``import package`` alone does not load."""


@cache
def public_names(module: str) -> frozenset[str]:
    """The public names of a module of the standard library; empty where the module is not in the table."""
    return frozenset(_PUBLIC.get(module, "").split())


def is_known(module: str) -> bool:
    """The module's public names are in the table."""
    return module in _PUBLIC
