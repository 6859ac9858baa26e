"""Hard rules for soft models: every diff is gated, shown and approved before it is applied."""

__version__ = "0.1.0"
