"""The Open Data Product Standard, v0.9 and v1.0: products that own the contracts of their output ports."""
