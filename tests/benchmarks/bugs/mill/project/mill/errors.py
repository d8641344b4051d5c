"""Errors that are the user's fault and are shown without a traceback."""


class MillError(Exception):
    exit_code = 2


class JobError(MillError):
    exit_code = 3


class ExprError(MillError):
    def __init__(self, message, text=None, pos=None):
        if text is not None and pos is not None:
            message = "%s at column %d of %r" % (message, pos + 1, text)
        MillError.__init__(self, message)
        self.text = text
        self.pos = pos


class ReadError(MillError):
    def __init__(self, message, source=None, line=None):
        if source:
            message = "%s:%s: %s" % (source, line if line is not None else "?", message)
        MillError.__init__(self, message)
        self.source = source
        self.line = line


class SchemaError(MillError):
    exit_code = 4


class StepError(MillError):
    def __init__(self, message, step=None):
        if step:
            message = "step %s: %s" % (step, message)
        MillError.__init__(self, message)
        self.step = step
