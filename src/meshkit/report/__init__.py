"""Reports: model in, text out."""
