"""Server-side sessions: a signed identifier in a cookie, the data in a store."""
import copy
import hashlib
import hmac
from itertools import count

COOKIE_NAME = "porter_session"


class Session:
    """The data of one visitor; notes whether it has to be saved."""

    def __init__(self, key, data=None, is_new=False):
        self.key = key
        self.is_new = is_new
        self.modified = False
        self._data = data if data is not None else {}

    def __getitem__(self, name):
        return self._data[name]

    def __setitem__(self, name, value):
        self._data[name] = value
        self.modified = True

    def __delitem__(self, name):
        del self._data[name]
        self.modified = True

    def __contains__(self, name):
        return name in self._data

    def get(self, name, default=None):
        return self._data.get(name, default)

    def pop(self, name, default=None):
        if name in self._data:
            self.modified = True
        return self._data.pop(name, default)

    def setdefault(self, name, default):
        if name not in self._data:
            self[name] = default
        return self._data[name]

    def clear(self):
        self._data.clear()
        self.modified = True

    def as_dict(self):
        return copy.deepcopy(self._data)

    # flash messages

    def flash(self, text, level="info"):
        self.setdefault("_messages", []).append({"text": text, "level": level})
        self.modified = True

    def take_messages(self):
        return self.pop("_messages", [])


class SessionStore:
    """Keeps the sessions in memory, for ``lifetime`` seconds after they were last saved."""

    def __init__(self, secret, clock, lifetime=1800):
        self.secret = secret.encode("utf-8")
        self.clock = clock
        self.lifetime = lifetime
        self._saved = {}
        self._numbers = count(1)

    def new_key(self):
        seed = "%d:%s" % (next(self._numbers), self.secret.hex())
        return hashlib.sha256(seed.encode("ascii")).hexdigest()[:24]

    def sign(self, key):
        digest = hmac.new(self.secret, key.encode("ascii"), hashlib.sha256).hexdigest()
        return "%s.%s" % (key, digest[:16])

    def unsign(self, value):
        key, _, _ = value.partition(".")
        if not hmac.compare_digest(self.sign(key), value):
            return None
        return key

    def create(self):
        return Session(self.new_key(), is_new=True)

    def load(self, cookie):
        """The session of a cookie; a new one when it is unknown, forged or too old."""
        key = self.unsign(cookie) if cookie else None
        if key is None or key not in self._saved:
            return self.create()
        data, saved_at = self._saved[key]
        age = (self.clock.now() - saved_at).total_seconds()
        if age > self.lifetime:
            del self._saved[key]
            return self.create()
        return Session(key, copy.deepcopy(data))

    def save(self, session):
        self._saved[session.key] = (session.as_dict(), self.clock.now())
        session.modified = False

    def rotate(self, session):
        """Give the session another key (after a login)."""
        self._saved.pop(session.key, None)
        session.key = self.new_key()
        session.modified = True

    def drop(self, session):
        self._saved.pop(session.key, None)
        session.clear()

    def __len__(self):
        return len(self._saved)
