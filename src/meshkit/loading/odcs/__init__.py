"""The Open Data Contract Standard, v3.0 to v3.2, read as it stands: its forms, then a reader for each part."""
