#= {}
#- {"type": "ModuleNotFoundError", "message": "No module named 'nowhere'", "function": "_find_and_load_unlocked", "file": "<frozen importlib._bootstrap>", "code": ""}
import importlib

importlib.import_module("nowhere.at_all")
