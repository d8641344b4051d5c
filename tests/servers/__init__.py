"""Model providers on the loopback interface: real sockets, real wire formats, real faults.

::

    with provider("anthropic", answer="## Root cause\\nA typo.") as server:
        environ = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": server.url}
        ...                                        # run the command, or call LiteLLM
        assert server.requests[0].headers["x-api-key"] == "sk-test"

    with provider("openai", fault=Fault.status(429, retry_after=7)) as server: ...
    with provider("ollama", fault=Fault.CUT, models=("codellama:7b",)) as server: ...
    with everything({"openai": "...", "ollama": "..."}) as servers: environ = servers.environ

``server.environ`` holds the variables that point LiteLLM and Snapfix at the server (address and, for a cloud
format, a made-up key). The answer is sent piece by piece (``pieces``, each flushed, ``delay`` seconds
apart); with ``gated=True`` the last piece is held back until ``server.gate.set()``. ``server.sent`` counts
the pieces sent so far, ``server.requests`` holds every request for an answer (path, headers with lower-case
names, JSON body), ``server.other_requests`` those for Ollama's ``/api/tags`` and ``/api/show``, and
``server.abandoned`` is set when a client hangs up on an unfinished answer. The servers use the standard
library only and stop with the ``with`` block.
"""

from tests.servers.faults import Fault
from tests.servers.formats import FORMATS
from tests.servers.provider import Provider, Recorded, Servers, everything, free_port, provider

__all__ = ["FORMATS", "Fault", "Provider", "Recorded", "Servers", "everything", "free_port", "provider"]
