#= {}
#- {"type": "KeyError", "message": "'pirce'", "function": "price", "line": 12, "frames": 3, "code": "return item[\"pirce\"]", "pointed": "item[\"pirce\"]"}
def main():
    print(total([{"price": 3}]))


def total(cart):
    return price(cart[0])


def price(item):
    return item["pirce"]


if __name__ == "__main__":
    total([{"price": 3}])
