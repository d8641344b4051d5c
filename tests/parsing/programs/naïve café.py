#= {}
#- {"type": "KeyError", "message": "'größe'", "function": "größe", "line": 6, "frames": 2, "pointed_in": "artikel[\"größe\"]", "file": "/home/ada/shop/naïve café.py"}


def größe(artikel):
    return "日本語" + artikel["größe"]


größe({})
