"""Secrets in the forms that tracebacks, sources, logs and configurations show them in, and what only looks like them.

``{}`` in a form is where the secret stands. All keys are made up, from a generator with a fixed seed.
"""

from __future__ import annotations

import random
import string

_RANDOM = random.Random(4)
_LETTERS = string.ascii_letters + string.digits


def _some(size: int, alphabet: str = _LETTERS) -> str:
    return "".join(_RANDOM.choice(alphabet) for _ in range(size))


def _hex(size: int) -> str:
    return _some(size, "0123456789abcdef")


def _url64(size: int) -> str:
    return _some(size - 1, _LETTERS + "-_") + "x"


def _upper(size: int) -> str:
    return _some(size, string.ascii_uppercase + string.digits)


KEYS = {
    "Anthropic": "sk-ant-api03-" + _url64(93) + "AA",
    "OpenAI": "sk-proj-" + _url64(74) + "T3BlbkFJ" + _url64(74),
    "Google": "AIza" + _url64(35),
    "Google, new": "AQ.Ab8RN6" + _url64(45),
    "Google, refresh": "1//0" + _url64(60),
    "AWS": "AKIA" + _some(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "AWS Bedrock": "ABSK" + _some(120) + "==",
    "Azure application": _some(3) + "8Q~" + _some(34),
    "Azure DevOps": _some(76) + "AZDO" + _some(4),
    "GitHub": "ghp_" + _some(36),
    "GitHub, stateless": "ghs_12345_eyJhbGciOiJSUzI1NiJ9." + _url64(80) + "." + _url64(80),
    "GitHub, fine-grained": "github_pat_" + _some(22) + "_" + _some(59),
    "GitLab": "glpat-" + _url64(20),
    "GitLab, routable": "glpat-" + _url64(27) + ".01." + _some(9, string.digits),
    "Bitbucket": "ATBB" + _some(32),
    "Atlassian": "ATATT3xFfGF0" + _url64(176) + "=" + _hex(8),
    "Slack": "xoxb-" + _some(12, string.digits) + "-" + _some(24),
    "Discord": "M" + _some(25) + "." + _url64(6) + "." + _url64(38),
    "Telegram": _some(10, string.digits) + ":AA" + _url64(33),
    "Stripe": "sk_live_" + _some(24),
    "Twilio": "SK" + _hex(32),
    "SendGrid": "SG." + _url64(22) + "." + _url64(43),
    "Mailgun": "key-" + _hex(32),
    "Mailchimp": _hex(32) + "-us12",
    "npm": "npm_" + _some(36),
    "PyPI": "pypi-AgEIcHlwaS5vcmc" + _url64(120),
    "RubyGems": "rubygems_" + _hex(48),
    "Docker Hub": "dckr_pat_" + _url64(27),
    "Hugging Face": "hf_" + _some(34, string.ascii_letters),
    "Sentry": "sntryu_" + _hex(64),
    "Datadog": "ddapp_" + _some(34),
    "New Relic": "NRAK-" + _upper(27),
    "Grafana": "glsa_" + _some(32) + "_" + _hex(8),
    "Cloudflare": "cfut_" + _some(48),
    "Heroku": "HRKU-AA" + _url64(58),
    "Supabase": "sb_secret_" + _url64(31),
    "Vercel": "vcp_" + _some(56),
    "Netlify": "nfp_" + _some(36),
    "Fly.io": "fm2_" + _some(140) + "==",
    "Doppler": "dp.st.dev." + _some(43),
    "Vault": "hvs." + _url64(95),
    "age": "AGE-SECRET-KEY-1" + _some(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    "Terraform": _some(14) + ".atlasv1." + _url64(67),
    "Postman": "PMAK-" + _hex(24) + "-" + _hex(34),
    "Linear": "lin_api_" + _some(40),
    "Notion": "ntn_" + _some(46),
    "Databricks": "dapi" + _hex(32),
    "Shopify": "shpat_" + _hex(32),
    "DigitalOcean": "dop_v1_" + _hex(64),
    "Groq": "gsk_" + _some(52),
    "xAI": "xai-" + _some(80),
    "Replicate": "r8_" + _some(37),
    "NVIDIA": "nvapi-" + _url64(64),
    "LangSmith": "lsv2_pt_" + _hex(32) + "_" + _hex(10),
    "Figma": "figd_" + _url64(40),
    "Tailscale": "tskey-auth-" + _some(11) + "CNTRL-" + _some(32),
    "CircleCI": "CCIPAT_" + _some(22) + "_" + _hex(40),
    "1Password": "ops_eyJ" + _some(300),
    "Mapbox": "sk.eyJ" + _some(60) + "." + _url64(22),
}
"""Keys of vendors, whole."""

KEY_FORMS = (
    "{}", "invalid key {}", "KeyError: '{}'", '    client = Client("{}")', "    keys = ['a', '{}', 1]",
    '    url = "https://api.example.com/v1?k={}"', "+    '{}',", "-  value: {}", "│ key = '{}' │", "config/{}.json",
    "raise Refused(f'bad {}!')", "b'{}'", "'a\\n{}\\n'",
)  # fmt: skip

PASSWORDS = ("hunter2!x", "Tr0ub4dor&3", "correct-horse-9", "x9#kL2$mQ")

PASSWORD_FORMS = (
    # assigned, in many languages
    'password = "{}"', "DB_PASSWORD={}", "export DB_PASSWORD='{}'", "  password: {}", '"password": "{}",',
    "connect(host='h', password=\"{}\")", "self._db_password: str = '{}'", "      - POSTGRES_PASSWORD={}",
    "ENV ADMIN_PASSWORD {}", "<password>{}</password>", "password => '{}'", 'passwd := "{}"', "$env:PASSWORD = \"{}\"",
    "spring.datasource.password={}", "PASSWORDS = ['{}', 'b']", "'{}' == password", "password == '{}'",
    "config.set('db', 'password', '{}')", "Namespace(user='ada', password='{}')", "│ password = '{}' │",
    "+password = '{}'", "-DB_PASS={}", "kwargs = {'pw': '{}'}", "secrets = {'db': '{}'}", "credentials = ('ada', '{}')",
    'auth=("ada", "{}")', "('password', '{}')", "password=Secret('{}')", "password=quote_plus('{}')",
    "password = os.environ.get('PW', '{}')", "password = os.getenv('PW') or '{}'",
    "password: str = Field(default='{}')",
    "parser.add_argument('--password', default='{}')", '{"name": "DB_PASSWORD", "value": "{}"}',
    "- name: DB_PASSWORD\n  value: {}", "def f(user, password: str = '{}') -> None:",
    "@pytest.fixture\ndef password():\n    return '{}'", "'default': {'USER': 'u', 'PASSWORD': '{}', 'HOST': 'h'}",
    # in sentences
    "invalid password '{}' for ada", "The password is {}", 'password "{}" was rejected',
    "machine h login ada password {}",
    "ALTER USER ada WITH PASSWORD '{}'", "CREATE USER 'u' IDENTIFIED BY '{}'", "requirepass {}",
    # by their place
    'login("ada", "{}")', 'smtp.login("ada@example.com", "{}")', 'connect(host, user, "{}")',
    "pymysql.connect('localhost', 'root', '{}', 'shop')", "ssh.connect(hostname, 22, 'ada', '{}')",
    "user.set_password('{}')", "keyring.set_password('shop', 'ada', '{}')", "check_password('{}', stored)",
    "bcrypt.hashpw(b'{}', salt)", "HTTPBasicAuth('ada', '{}')", "session.auth = ('ada', '{}')", "SecretStr('{}')",
    # in commands
    "curl -u ada:{} https://h", "['curl', '-u', 'ada:{}', 'https://h']", "mysql -u root -p{} shop",
    "cmd --password {} --verbose", "['cmd', '--password', '{}']", "cmd --token={}", "sshpass -p {} ssh h",
    "docker login -u ada -p {} registry.example", "redis-cli -a {} ping", "openssl enc -k x -pass pass:{}",
    "Command '['mysql', '--password={}', 'shop']' returned non-zero exit status 1.",
    # in addresses and connection strings
    "postgres://ada:{}@db/shop", "mongodb+srv://ada:{}@c.example.net/x?w=1", "redis://:{}@h:6379/0",
    "Server=h;Database=d;User Id=sa;Password={};", "Driver={ODBC Driver 17};Server=h;UID=sa;PWD={};",
    "jdbc:mysql://h/shop?user=ada&password={}&x=1", "host=h dbname=d user=ada password={} port=1",
    "jdbc:oracle:thin:ada/{}@h:1521:x", "ada:{}@tcp(h:3306)/shop",
)  # fmt: skip

HEADER_FORMS = (
    "Authorization: Bearer {}", "{'Authorization': 'Bearer {}'}", "[(b'authorization', b'Bearer {}')]",
    "b'GET / HTTP/1.1\\r\\nAuthorization: Bearer {}\\r\\nHost: x\\r\\n'", "curl -H 'Authorization: Bearer {}' https://h",
    'curl -H "X-Api-Key: {}" https://h', "Proxy-Authorization: Basic {}", "Cookie: a=1; session={}; b=2",
    "Set-Cookie: session={}; Path=/; HttpOnly", "{'Cookie': 'sid={}'}", "('Set-Cookie', 'sid={}; Path=/')",
    "send: b'GET / HTTP/1.1\\r\\nCookie: sid={}\\r\\n'", "cookies={'sessionid': '{}'}",
    "<Cookie sid={} for example.org/>",
    "req.add_header('X-Auth', '{}')", "{'HTTP_COOKIE': 'sid={}'}", "X-Amz-Security-Token: {}", "PRIVATE-TOKEN: {}",
    "https://b.example/c?sv=2020&sig={}", "https://b.example/c?X-Amz-Signature={}&x=1", "sessionid={}",
)  # fmt: skip
HEADER_VALUES = ("q7" + _some(30), _hex(40), "YWRtaW46aHVudGVyMg==")

PEOPLE = (
    ("carlotta", "/home/carlotta/x/app.py"), ("carlotta", "/Users/carlotta/dev/x.py"),
    ("carlotta", "C:\\Users\\carlotta\\x.py"), ("carlotta", "'C:\\\\Users\\\\carlotta\\\\x.py'"),
    ("Carlotta Rossi", "C:\\Users\\Carlotta Rossi\\x.py"), ("carlotta", "C:/Users/carlotta/x.py"),
    ("carlotta", "file:///home/carlotta/x.py"), ("carlotta", "file:///C:/Users/carlotta/x.py"),
    ("carlotta", "~carlotta/app/x.py"), ("carlotta", "No such file or directory: '/home/carlotta'"),
    ("carlotta", "LOGNAME=carlotta"), ("carlotta", "'USERNAME': 'carlotta'"), ("carlotta", "/mnt/c/Users/carlotta/x"),
    ("carlotta", "\\\\server\\Users\\carlotta\\x"), ("carlotta", "/var/home/carlotta/x"),
    ("carlotta", "carlotta@laptop:~/x$ python app.py"), ("carlotta", '"cwd": "\\/home\\/carlotta\\/x"'),
    ("carlotta", "/tmp/-Users-carlotta-dev from /Users/carlotta/dev"),
    ("carla@example.org", "mailto:carla@example.org"), ("carla%40example.org", "?email=carla%40example.org"),
    ("carla@x.example.museum", "Key (email)=(carla@x.example.museum) already exists"),
    ("carla@example.org", "ssh carla@example.org:shop"), ("carla@münchen.example", "from carla@münchen.example"),
)  # fmt: skip

RANDOM = (
    _some(32),
    _some(40),
    _some(24),
    _url64(43),
    _some(43, _LETTERS + "+/") + "=",
    _some(32, string.ascii_lowercase + string.digits),
)
RANDOM_FORMS = (
    'client = Client("{}")', "X = '{}'", "values = [\"{}\",", "ValueError: {}", "│ value = '{}' │", "FOO={}",
    "  blob: {}", "return b'{}'", "x = \"https://h/hook\" + '{}'",
)  # fmt: skip

ORDINARY = """\
commit 4f2c1a9be7d3056f81c2e4a9d0b7c6e5f3a1b2c8
index 3b18e51..a94a8fe 100644
assert digest == "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
assert hashlib.md5(x).hexdigest() == '5eb63bbbe01eeed093cb22bb8f5acdc3'
request_id=7c9e6679-7425-40de-944b-e07fc1f90ae7
    "integrity": "sha512-oRHyBh1nAlmRYl2bEvOPhJlTVxzHKeVEMFPYMC7fLn8O0cHw4sZJsUjmsUcDVPM7tkcWJzYNHYu2c6dyiOqXRg==",
    --hash=sha256:6049d5e6ec054bf2779ab3358186963bac2ea89175919d699e378b99738c2a90
golang.org/x/sys v0.15.0 h1:h48lPFYpsTvQJZF4EKyI4aLHaev3CxivZmv7yZig9pc=
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
GIF = b"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
def test_returns_the_first_matching_element_of_a_nested_structure_when_given(): pass
class VeryLongNamedHTTPRequestHandlerFactoryBeanConfigurationError(Exception): pass
url = "https://docs.python.org/3.12/library/asyncio-task.html#asyncio.create_task"
See https://github.com/psf/requests/blob/4f2c1a9be7d3056f81c2e4a9d0b7c6e5f3a1b2c8/src/requests/api.py#L59
__version__ = "2024.11.20.dev0+g4f2c1a9"
COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c"]
array([[0.123456789, 0.987654321], [1.23456789e-05, 9.87654321e+10]])
def f(token: Token | None = None, password: Optional[str] = None) -> dict[str, int]: ...
PATTERN = re.compile(r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$")
tests/test_parser.py::test_raises_value_error_when_token_is_missing FAILED
password = config.get("database", "password")
token = next(tokens)
token = response.json()["access_token"]
secret = secrets.token_hex(32)
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
parser.add_argument("--password", help="the password of the user")
click.option("--api-key", envvar="API_KEY", help="API key")
connect(host, user, password)
redirect("login", "dashboard")
self.client.login(username="ada", password=self.password)
raise AuthenticationError("invalid token: expired")
<__main__.Foo object at 0x7f3b2c1d4e50>
0xdeadbeefcafebabe1234567890abcdef
MEDIA = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
cache_key = f"user:{user_id}:profile"
TOKEN_URL = "https://auth.example.com/oauth/token"
PASSWORD_HASHER = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
SECRET_FILE = "/run/secrets/db_password"
pip install --user --upgrade package
curl -u "$USER:$PASSWORD" https://h
mysql -u root -p shop
docker run -u 1000:1000 -p 8080:80 nginx
snapshot-20241120-143055-prod-eu-west-1
pod/web-7d4b9c6f5d-x2x9k
traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
token = "[MASK]"
MAX_TOKENS = 4096
PyUnicode_AsUTF8String, testSingleCmsgTruncLen0Minus1
""".splitlines()
"""Lines without a secret in them."""
