"""How long building takes, for us and for others: measured and printed, never asserted."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache/benchmarks"
