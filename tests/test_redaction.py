from __future__ import annotations

import string
import sysconfig
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapfix.redaction import Redactor, restore

# Made up, and put together here so that no scanner takes them for real ones.
_A = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF"
KEYS = {
    "OpenAI": "sk-" + _A + "x",
    "OpenAI project": "sk-proj-" + _A + "_" + _A,
    "Anthropic": "sk-ant-" + "api03-" + _A + "-" + _A,
    "DeepSeek": "sk-" + "0123456789abcdef0123456789abcdef",
    "OpenRouter": "sk-or-v1-" + "0123456789abcdef" * 4,
    "AWS": "AKIA" + "QWERTYUIOP234567",
    "GitHub": "ghp_" + _A + "1234",
    "GitHub fine-grained": "github_pat_" + _A + "_" + _A,
    "GitLab": "glpat-" + _A[:20],
    "Slack": "xoxb-" + "123456789012-" + _A,
    "Stripe": "sk_live_" + _A,
    "Google": "AIza" + _A + "abc",
    "Hugging Face": "hf_" + _A + "ab",
    "PyPI": "pypi-" + "AgEIcHlwaS5vcmc" + _A * 2,
    "npm": "npm_" + _A + "abcd",
    "SendGrid": "SG." + _A[:22] + "." + _A + "abcdefghijk",
    "Twilio": "SK" + "0123456789abcdef" * 2,
    "Groq": "gsk_" + _A * 2,
    "Telegram": "123456789:AA" + _A + "x",
    "JSON Web Token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + _A,
}


def whole(text: str) -> str:
    """Redact, and check what must always hold."""
    redactor = Redactor()
    redacted = redactor.redact(text)
    assert restore(redacted, redactor.masks) == text
    assert redactor.redact(redacted) == redacted
    assert Redactor().redact(redacted) == redacted
    assert redacted.count("\n") == text.count("\n")
    return redacted


@pytest.mark.parametrize(
    "name", ["pasword", "password", "passwort", "paswort", "passwd", "passwrd", "pwd", "DB_PASWORD"]
)
@pytest.mark.parametrize("line", ['"{}": "s3cr3t!"', "{} = 's3cr3t!'", "{}: s3cr3t!", "{}=s3cr3t!"])
def test_masks_what_is_assigned_to_a_misspelt_password(name: str, line: str) -> None:
    assert "s3cr3t" not in whole(line.format(name))


@pytest.mark.parametrize("vendor", KEYS)
@pytest.mark.parametrize(
    "line", ["/v1/{}/y", "https://{}@github.com/x", "a+{}", "x-{}", "https://x.example/bot{}/send"]
)
def test_masks_keys_in_addresses_and_paths(vendor: str, line: str) -> None:
    if line.count("bot") and vendor != "Telegram":
        return
    assert KEYS[vendor] not in whole(line.format(KEYS[vendor]))


@pytest.mark.parametrize("vendor", KEYS)
@pytest.mark.parametrize(
    "surrounding",
    [
        "{}",
        'client = Client("{}")',
        "x = f'{}'",
        "error: invalid key {}.",
        "a\n{}\nb",
        "[{}]",
        "curl -H x:{}",
        "'a\\n{}\\n'",
    ],
)
def test_the_key_of_a_vendor_disappears_wherever_it_stands(vendor: str, surrounding: str) -> None:
    redacted = whole(surrounding.replace("{}", KEYS[vendor]))
    assert KEYS[vendor] not in redacted
    assert "<redacted:" in redacted
    assert KEYS[vendor][-12:] not in redacted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('password = "hunter2"', 'password = "<redacted:password-1>"'),
        ("DB_PASSWORD = 'pa ss'", "DB_PASSWORD = '<redacted:password-1>'"),
        ('connect(host="h", passwd="x")', 'connect(host="h", passwd="<redacted:password-1>")'),
        ('password: str = "hunter2"', 'password: str = "<redacted:password-1>"'),
        ('password: str | None = r"h\\2"', 'password: str | None = r"<redacted:password-1>"'),
        ('secret = b"s3cret"', 'secret = b"<redacted:secret-1>"'),
        ('if password == "hunter2":', 'if password == "<redacted:password-1>":'),
        ('API_KEY = (\n    "abc-123"\n)', 'API_KEY = (\n    "<redacted:api-key-1>"\n)'),
        ('config["api_key"] = "abc123"', 'config["api_key"] = "<redacted:api-key-1>"'),
        ("{'apiKey': 'abc123', 'a': 'b'}", "{'apiKey': '<redacted:api-key-1>', 'a': 'b'}"),
        ('{"refresh_token": "abc123"}', '{"refresh_token": "<redacted:token-1>"}'),
        ('"{\\"password\\": \\"hunter2\\"}"', '"{\\"password\\": \\"<redacted:password-1>\\"}"'),
        ('os.environ["SECRET_KEY"] = "abc"', 'os.environ["SECRET_KEY"] = "<redacted:secret-1>"'),
        ('os.getenv("API_TOKEN", "abc123")', 'os.getenv("API_TOKEN", "<redacted:token-1>")'),
        ('os.environ.get("DB_PASS", "abc123")', 'os.environ.get("DB_PASS", "<redacted:password-1>")'),
        ('password = "say \\"hi\\" 1"', 'password = "<redacted:password-1>"'),
        ('secret = """one\ntwo"""', 'secret = """<redacted:secret-1>\n<redacted:secret-2>"""'),
        ("DB_PASSWORD=hunter2", "DB_PASSWORD=<redacted:password-1>"),
        ("export GITHUB_TOKEN=swordfish", "export GITHUB_TOKEN=<redacted:token-1>"),
        ("A_TOKEN=abc123 B_TOKEN=def456", "A_TOKEN=<redacted:token-1> B_TOKEN=<redacted:token-2>"),
        ("  password: hunter2\n  user: ada", "  password: <redacted:password-1>\n  user: ada"),
        ("password: 'hunter2'", "password: '<redacted:password-1>'"),
        ("password = p@ss!word", "password = <redacted:password-1>"),
        ("GET /v1?user=1&token=abc123&x=y", "GET /v1?user=1&token=<redacted:token-1>&x=y"),
        ("Server=db;User Id=sa;Password=Pa55;", "Server=db;User Id=sa;Password=<redacted:password-1>;"),
        (
            "AccountName=a;AccountKey=abc123/+==;Endpoint=x",
            "AccountName=a;AccountKey=<redacted:api-key-1>;Endpoint=x",
        ),
        ("postgres://ada:pw1@db/shop", "postgres://ada:<redacted:password-1>@db/shop"),
        ("'redis://:s3:cret@h:6379'", "'redis://:<redacted:password-1>@h:6379'"),
        ("Authorization: Bearer abcdef", "Authorization: Bearer <redacted:credential-1>"),
        ("{'Authorization': 'Basic dTpw'}", "{'Authorization': 'Basic <redacted:credential-1>'}"),
        ("Cookie: session=abc; theme=dark", "Cookie: <redacted:credential-1>"),
        ('headers["X-Api-Key"] = "abc123"', 'headers["X-Api-Key"] = "<redacted:credential-1>"'),
        ("mail ada.byron@example.org now", "mail <redacted:email-1> now"),
        ('  File "/home/ada/app.py", line 3', '  File "/home/<redacted:user-1>/app.py", line 3'),
        ("/Users/ada/x and /Users/ada/y", "/Users/<redacted:user-1>/x and /Users/<redacted:user-1>/y"),
        ("C:\\Users\\Ada\\x.py", "C:\\Users\\<redacted:user-1>\\x.py"),
    ],
)
def test_masks_only_the_value(text: str, expected: str) -> None:
    assert whole(text) == expected


@pytest.mark.parametrize(
    "code",
    [
        'password = os.environ["DB_PASSWORD"]',
        "password: str",
        "token: Token | None = None",
        "    token = token2",
        "login(password=password, token=self.token)",
        'password = ""',
        "password = f'{first}-{second}'",
        "url = 'https://{user}:{password}@host'",
        "url = f'postgres://{user}:{os.environ[\"PW\"]}@host'",
        "TOKEN=${GITHUB_TOKEN}",
        "password = <your password>",
        "password = '***'",
        "if token == '(':",
        "token = tokens[position + 1]",
        "tokens = 'a b c'",
        'getpass("Password: ", stream=None)',
        "    'user': user, 'password': password,",
        "for token in tokenize(text): pass",
        'raise ValueError("missing token: expected a name")',
        "product = left@right.mean() + a@b.T",
        "@app.route('/login')",
        "git@github.com:ada/shop.git",
        "/home/runner/work/shop/shop.py",
        "/root/app.py and /usr/lib/python3.12/json/decoder.py",
        "task-management-and-risk-assessment-for-beginners",
        "sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
        "uuid = '123e4567-e89b-12d3-a456-426614174000'",
        "Cookie: see RFC 6265",
        "def key(self): return self.key",
    ],
)
def test_leaves_ordinary_code_alone(code: str) -> None:
    assert whole(code) == code


def test_leaves_the_standard_library_alone() -> None:
    library = Path(sysconfig.get_path("stdlib"))
    names = [
        "json/decoder.py",
        "json/encoder.py",
        "http/client.py",
        "ast.py",
        "tokenize.py",
        "token.py",
        "secrets.py",
        "getpass.py",
        "netrc.py",
        "ftplib.py",
        "smtplib.py",
        "imaplib.py",
        "argparse.py",
        "configparser.py",
        "typing.py",
    ]
    changed = 0
    for name in names:
        text = (library / name).read_text(encoding="utf-8")
        redactor = Redactor()
        redactor.redact(text)
        changed += sum(not mask.startswith("<redacted:email") for mask, _ in redactor.masks)
    assert changed <= 2, "at most two literals in fifteen modules that are full of tokens and passwords"


def _private_key() -> str:
    body = "\n".join([_A * 2] * 3 + [_A[:20] + "=="])
    return f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize("wrap", ["{}", 'KEY = """{}"""\nprint(1)', "    {}\n", "key: |\n  {}"])
def test_the_body_of_a_private_key_disappears_line_by_line(wrap: str) -> None:
    redacted = whole(wrap.replace("{}", _private_key()))
    assert _A[:16] not in redacted
    assert "-----BEGIN RSA PRIVATE KEY-----" in redacted
    assert "-----END RSA PRIVATE KEY-----" in redacted


def test_a_private_key_in_one_literal_disappears() -> None:
    redacted = whole("k = " + repr(_private_key()) + "; print(k)")
    assert _A[:16] not in redacted
    assert "print(k)" in redacted


def test_a_private_key_that_was_cut_off_disappears() -> None:
    redacted = whole(_private_key()[:120] + "\n\ndef load():\n    return 1")
    assert _A[:16] not in redacted
    assert "def load():\n    return 1" in redacted


def test_code_about_private_keys_stays() -> None:
    code = 'if text.startswith("-----BEGIN PRIVATE KEY-----"):\n    return load_pem_private_key(text)\n'
    assert whole(code) == code


def test_the_same_secret_has_the_same_mask_in_every_text() -> None:
    redactor = Redactor()
    first = redactor.redact('API_KEY = "abc-123-def"')
    second = redactor.redact('other_api_key = "zzz-999"; api_key = "abc-123-def"')
    assert first == 'API_KEY = "<redacted:api-key-1>"'
    assert second == 'other_api_key = "<redacted:api-key-2>"; api_key = "<redacted:api-key-1>"'


def test_a_secret_found_in_one_text_is_masked_in_the_others() -> None:
    source = 'password = "hunter2"'
    message = "OperationalError: access denied for ada (hunter2)"
    redactor = Redactor([message, source])
    assert redactor.redact(message) == "OperationalError: access denied for ada (<redacted:password-1>)"


def test_a_common_word_as_a_password_does_not_mask_the_word_elsewhere() -> None:
    redactor = Redactor()
    redactor.redact('password = "admin"')
    assert redactor.redact("if user.is_admin: admin()") == "if user.is_admin: admin()"


def test_a_mask_that_already_stands_in_a_text_is_not_given_to_a_secret() -> None:
    literal = "print('<redacted:password-1>')"
    source = 'password = "hunter2"'
    redactor = Redactor([source, literal])
    masked = redactor.redact(source)
    assert masked == 'password = "<redacted:password-2>"'
    assert restore(redactor.redact(literal), redactor.masks) == literal
    assert restore(masked, redactor.masks) == source


def test_restores_a_mask_that_was_written_with_entities() -> None:
    redactor = Redactor()
    redacted = redactor.redact('password = "hunter2"')
    assert restore(redacted.replace("<", "&lt;").replace(">", "&gt;"), redactor.masks) == 'password = "hunter2"'


def test_leaves_unknown_masks_as_they_are() -> None:
    assert restore("<redacted:token-7>", [("<redacted:token-1>", "x")]) == "<redacted:token-7>"


_AROUND = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\"'`=:;, \n\t\\(){}[]<>@/-_")), max_size=40
)
# What would make the key part of a longer word is not a surrounding.
_EDGE = st.sampled_from([" ", "\n", '"', "'", "=", ":", "(", "[", ",", "<", ">", "`", ";", "é", "|"])


@given(st.lists(st.tuples(_AROUND, _EDGE, st.sampled_from(sorted(KEYS.values())), _EDGE), max_size=4), _AROUND)
def test_every_planted_key_disappears_and_comes_back(parts: list[tuple[str, str, str, str]], end: str) -> None:
    text = "".join("".join(part) for part in parts) + end
    redactor = Redactor([text])
    redacted = redactor.redact(text)
    for _, _, key, _ in parts:
        assert key not in redacted
    assert restore(redacted, redactor.masks) == text
    assert redactor.redact(redacted) == redacted
    assert redacted.count("\n") == text.count("\n")


_WORDS = st.sampled_from(
    [
        "password",
        "token",
        "api_key",
        "=",
        ": ",
        "'",
        '"',
        '"""',
        "\n",
        " ",
        "{",
        "}",
        "\\",
        "sk-",
        _A,
        "/home/",
        "ada",
        "/",
        "@example.com",
        "://",
        ":",
        "@",
        "Authorization",
        "Bearer ",
        "Cookie: a=",
        "<redacted:token-1>",
        "<redacted:",
        ">",
        "-----BEGIN PRIVATE KEY-----",
        "-----END",
        "x1",
        "é",
        "İ",
        "12345",
        ",",
        ";",
        "(",
    ]
)


@given(st.lists(_WORDS, max_size=40).map("".join))
def test_whatever_is_masked_comes_back(text: str) -> None:
    redactor = Redactor([text])
    redacted = redactor.redact(text)
    assert restore(redacted, redactor.masks) == text
    assert redactor.redact(redacted) == redacted
    assert redacted.count("\n") == text.count("\n")


@given(st.text(string.ascii_letters + string.digits + "!@#$%^&*()-_=+ .,:/", min_size=5, max_size=30))
def test_a_literal_password_disappears_whatever_it_is(password: str) -> None:
    if not any(c.isalnum() for c in password):
        return
    redactor = Redactor()
    redacted = redactor.redact(f'user = 1\npassword = "{password}"\n')
    kept = "".join(secret for _, secret in redactor.masks)
    assert restore(redacted, redactor.masks) == f'user = 1\npassword = "{password}"\n'
    assert kept == password or redacted.count(password) <= 1


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "eyJ",
        "sk-",
        "password",
        "password=",
        "password = '",
        "://a:",
        "://",
        "@",
        "a@",
        "a.",
        "/home/",
        "key:",
        "x-api-key",
        "-----BEGIN PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----",
        "Authorization: ",
        "\\",
        "'",
        " ",
        "\n",
        "token=a1b2c3\n",
        'password="a1b2c3" ',
        "İ",
        "<redacted:",
        "Cookie: '",
        "secret = (\n",
    ],
)
def test_a_hostile_text_takes_no_longer_than_its_length(unit: str) -> None:
    def seconds(size: int) -> float:
        started = time.process_time()
        Redactor().redact(unit * (size // len(unit)))
        return time.process_time() - started

    assert seconds(200_000) < 10 * seconds(50_000) + 1
