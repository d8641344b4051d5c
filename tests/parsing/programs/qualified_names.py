#= {}
#- {"type": "shop.errors.Cart.Empty", "message": "", "relation": "context", "frames": 1, "function": "total"}
#- {"type": "main.<locals>.Broken", "message": "no cart", "frames": 4, "line": 15, "function": "fail"}
class Cart:
    class Empty(Exception):
        __module__ = "shop.errors"

    def total(self):
        try:
            raise self.Empty
        except self.Empty:
            return self.fail()

    def fail(self):
        raise self.kind("no cart")


def main():
    class Broken(Exception):
        pass

    Cart.kind = Broken
    Cart().total()


main()
