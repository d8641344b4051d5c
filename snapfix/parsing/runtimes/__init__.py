"""Other languages at run time."""
