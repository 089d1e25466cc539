"""Profiles and declarations to contracts that are proposed. Pure: what was measured in, proposals with evidence out."""
