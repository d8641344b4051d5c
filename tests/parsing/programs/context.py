#= {}
#- {"type": "KeyError", "message": "'port'", "relation": "context", "function": "port", "line": 6, "frames": 1}
#- {"type": "AttributeError", "message": "'dict' object has no attribute 'fallback'", "function": "port", "line": 8, "frames": 2, "pointed": "settings.fallback"}
def port(settings):
    try:
        return settings["port"]
    except KeyError:
        return settings.fallback


port({})
