"""The version of meshkit, and nothing else: the build and the reports read it from here."""

__version__ = "0.1.0"
