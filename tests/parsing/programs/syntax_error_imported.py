#= {}
#- {"type": "SyntaxError", "message": "expected ':'", "function": "", "line": 2, "code": "if True", "pointed_any": true}
import pathlib
import sys

folder = pathlib.Path(__file__).parent
(folder / "broken_module.py").write_text("x = 1\nif True\n    pass\n")
sys.dont_write_bytecode = True
import broken_module
