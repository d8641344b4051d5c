"""What stands between the bytes and the layouts: lines, prefixes, escapes, and what is kept of enormous texts."""
