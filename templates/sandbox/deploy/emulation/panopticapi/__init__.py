"""Minimal panopticapi (the real one is published as a git repository only)."""
