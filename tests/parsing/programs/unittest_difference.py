#= {}
#- {"type": "AssertionError", "message": "Lists differ: [1, 2, 3] != [1, 2, 4]\n\nFirst differing element 2:\n3\n4\n\n- [1, 2, 3]\n?        ^\n\n+ [1, 2, 4]\n?        ^", "function": "fail"}
import unittest

unittest.TestCase().assertEqual([1, 2, 3], [1, 2, 4])
