"""Codes from an independent source, for comparing with what the window shows."""

from __future__ import annotations

import subprocess
import time

from patience import patient


def oathtool(
    seed_base32: str, *, at: float | None = None, digits: int = 6, period_secs: int = 30, algorithm: str = "sha1"
) -> str:
    """Returns the code of a Base32 seed at a Unix time, now by default, as oathtool computes it."""
    moment = time.time() if at is None else at
    done = subprocess.run(
        [
            "oathtool",
            f"--totp={algorithm}",
            "--base32",
            f"--digits={digits}",
            f"--time-step-size={period_secs}s",
            f"--now=@{int(moment)}",
            "-",
        ],
        input=seed_base32.replace(" ", "") + "\n",
        capture_output=True,
        text=True,
        timeout=patient(10),
        check=True,
    )
    return done.stdout.strip()


def codes_around_now(seed_base32: str, period_secs: int = 30) -> list[str]:
    """Returns the present code and its neighbours, for comparisons that may straddle a step."""
    now = time.time()
    return [oathtool(seed_base32, at=now + shift * period_secs, period_secs=period_secs) for shift in (-1, 0, 1)]


def secs_left(period_secs: int = 30) -> float:
    """Returns how long the present step still lasts."""
    return period_secs - time.time() % period_secs


def wait_for_room(needed_secs: float, period_secs: int = 30) -> None:
    """Waits for the next step when less than `needed_secs` of the present one is left."""
    left = secs_left(period_secs)
    if left < needed_secs:
        time.sleep(left + 0.2)
