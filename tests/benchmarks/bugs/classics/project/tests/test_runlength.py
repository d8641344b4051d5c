import unittest

from classics.runlength import compress, expand


class RunLengthTest(unittest.TestCase):
    def test_compress(self):
        for text, packed in [
            ("", ""),
            ("a", "a"),
            ("aaab", "3ab"),
            ("abbb", "a3b"),
            ("aabcc", "2ab2c"),
            ("x" * 12, "12x"),
        ]:
            with self.subTest(text):
                self.assertEqual(compress(text), packed)

    def test_digits_are_escaped(self):
        self.assertEqual(compress("a11\\"), "a2\\1\\\\")

    def test_expand(self):
        self.assertEqual(expand("3ab10c"), "aaab" + "c" * 10)

    def test_expand_escapes(self):
        self.assertEqual(expand("a2\\1\\\\"), "a11\\")

    def test_round_trip(self):
        for text in ("wwwwbbbww", "1223334444", "\\\\\\n", "no runs"):
            self.assertEqual(expand(compress(text)), text)

    def test_damaged(self):
        self.assertRaises(ValueError, expand, "a3")
        self.assertRaises(ValueError, expand, "a\\")
