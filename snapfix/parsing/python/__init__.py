"""Python, in the layouts of its interpreter, test runners and pretty printers."""
