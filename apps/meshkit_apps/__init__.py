"""Apps over a mesh: marimo notebooks that run in a browser, and as scripts for batch jobs."""
