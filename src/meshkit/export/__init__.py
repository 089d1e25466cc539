"""Contracts in the words of other tools: pure, model in, text out."""
