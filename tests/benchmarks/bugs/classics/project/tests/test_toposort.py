import unittest

from classics.toposort import CycleError, levels, topological_order


class TopologicalOrderTest(unittest.TestCase):
    def setUp(self):
        self.build = {
            "app": ["lib", "assets"],
            "lib": ["core"],
            "docs": ["lib"],
            "core": [],
            "assets": [],
        }

    def test_empty(self):
        self.assertEqual(topological_order({}), [])

    def test_build_order(self):
        self.assertEqual(
            topological_order(self.build), ["assets", "core", "lib", "app", "docs"]
        )

    def test_self_dependency_is_ignored(self):
        self.assertEqual(topological_order({"a": ["a"]}), ["a"])

    def test_cycle(self):
        self.build["core"] = ["docs"]
        with self.assertRaises(CycleError) as caught:
            topological_order(self.build)
        self.assertIn("core", caught.exception.nodes)
        self.assertNotIn("assets", caught.exception.nodes)

    def test_levels(self):
        self.assertEqual(
            levels(self.build), [["assets", "core"], ["lib"], ["app", "docs"]]
        )

    def test_levels_of_leaves_without_entry(self):
        self.assertEqual(levels({"b": ["a"], "c": ["a", "b"]}), [["a"], ["b"], ["c"]])
