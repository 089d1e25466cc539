"""The words by which a written document is known again."""

MARKER = "Written by meshkit export"
