"""Runs every script once, the way the crontab and the colleagues do."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "command, expected",
    [
        ("weblog_summary.py data/access.log --since 2024-03-04", "11 hits"),
        ("sales_report.py --month 2024-02", "685.80"),
        ("sales_report.py --month 2024-03", "1 returned lines"),
        ("backup_rotate.py data/backups.jsonl", "3 to remove"),
        ("invoice_import.py data/ledger.txt data/payments.csv", "6 invoices, 1 skipped"),
        ("sensor_clean.py", "4 loggers, 2 without a value"),
        ("disk_alert.py data/df.txt --notify", "3 messages sent"),
        ("survey_pivot.py data/answers.jsonl", "7 of 8 persons"),
        ("pack_export.py data/journal.csv", "all files are whole"),
    ],
)
def test_script(command, expected):
    done = subprocess.run(
        [sys.executable, "-B", *command.split()], cwd=HERE, capture_output=True, encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8"}, timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout
