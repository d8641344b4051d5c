"""The guards of the tests, tested: a guard that guards nothing is worse than none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import clean_environment_removals


@pytest.fixture
def _own_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests try to leave on purpose: what they write is not an escape."""
    monkeypatch.setenv("LOOPBACK_GUARD_LOG", str(tmp_path / "log.txt"))


@pytest.mark.usefixtures("_own_log")
def test_a_connection_beyond_loopback_fails_in_the_test_process() -> None:
    with socket.socket() as sock, pytest.raises(ConnectionRefusedError, match="no traffic"):
        sock.connect(("192.0.2.1", 80))


@pytest.mark.usefixtures("_own_log")
def test_a_name_look_up_beyond_loopback_fails() -> None:
    with pytest.raises(ConnectionRefusedError, match="no traffic"):
        socket.getaddrinfo("example.com", 443)


def test_a_connection_beyond_loopback_fails_in_a_process_and_is_written_down(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    code = "import socket\ntry: socket.create_connection(('192.0.2.1', 80), 1)\nexcept OSError as e: print(e)"
    env = {**os.environ, "LOOPBACK_GUARD_LOG": str(log)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert "no traffic" in done.stdout
    assert "192.0.2.1" in log.read_text()


def test_loopback_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_the_home_folder_is_the_tests_own(tmp_path: Path) -> None:
    assert Path.home().is_relative_to(tmp_path)
    from snapfix import paths

    assert paths.config_folder().is_relative_to(tmp_path)
    assert paths.state_folder().is_relative_to(tmp_path)


def test_keys_and_addresses_do_not_reach_the_tests() -> None:
    found = clean_environment_removals({"OPENAI_API_KEY": "x", "OLLAMA_HOST": "y", "PATH": "z", "NO_COLOR": "1"})
    assert found == ["OPENAI_API_KEY", "OLLAMA_HOST", "NO_COLOR"]
    assert "OPENAI_API_KEY" not in os.environ
