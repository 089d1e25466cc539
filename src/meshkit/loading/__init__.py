"""Reading files: text in, model and problems out."""
