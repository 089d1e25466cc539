"""Measures `meshkit check` from outside, as whole processes, against SQL by hand and against other tools."""
