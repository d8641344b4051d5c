"""Small files in other languages. A line that ends in ``MARK`` fails."""

from __future__ import annotations

MARK = "!fails"

FILES: dict[str, tuple[str, str]] = {
    # name: (qualified name of the function around the mark, text)
    "cart.js": (
        "Cart.total",
        """\
        import { price } from "./price.js";
        import {
          tax,
          round,
        } from "./tax.js";
        const fs = require("fs");

        class Cart {
          constructor(items) {
            this.items = items;
          }

          total(rate) {
            const prices = this.items.map((item) => {
              if (item.free) {
                return 0;
              }
              return price(item).amount; // !fails
            });
            return round(prices);
          }

          empty() {
            return this.items.length === 0;
          }
        }

        module.exports = { Cart };
        """,
    ),
    "server.mjs": (
        "load",
        """\
        import { readFile } from "node:fs/promises";

        export const load = async (name) => {
          const text = await readFile(name, "utf8");
          return JSON.parse(text).items[0].name; // !fails
        };

        const other = () => {
          return 1;
        };
        """,
    ),
    "cart.test.ts": (
        "function passed to it",
        """\
        import { total } from "./cart";

        describe("the cart", () => {
        {{filler}}
          it("adds up", async () => {
            const sum = total([]);
            expect(sum).toBe(3); // !fails
          });
        });
        """,
    ),
    "shop.ts": (
        "Shop.open",
        """\
        import type { Door } from "./door";

        export abstract class Shop<T> {
          private readonly door: Door;

          /** Opens the door. */
          @log
          public async open(key: string | undefined): Promise<void> {
            for (const lock of this.door.locks) {
              lock.turn(key!.length); // !fails
            }
          }
        }
        """,
    ),
    "Shop.java": (
        "Shop.total",
        """\
        package com.shop;

        import java.util.List;

        public class Shop extends Store {
            private final List<Integer> prices;

            public Shop(List<Integer> prices) {
                this.prices = prices;
            }

            /** The sum. */
            @Override
            public int total(String currency, int rate) throws SoldOut {
                int sum = 0;
                for (Integer price : prices) {
                    sum += price.intValue(); // !fails
                }
                return sum;
            }
        }
        """,
    ),
    "Shop.kt": (
        "Shop.total",
        """\
        package com.shop

        import java.util.UUID

        data class Item(val price: Int?)

        class Shop(val items: List<Item>) {
            fun total(rate: Int): Int {
                return items.sumOf { item ->
                    item.price!! // !fails
                }
            }

            fun other() = 1
        }
        """,
    ),
    "main.go": (
        "Cart.Total",
        """\
        package main

        import (
        \t"fmt"
        \t"os"
        )

        type Cart struct {
        \tprices map[string]int
        }

        // Total adds up.
        func (c *Cart) Total(names ...string) (int, error) {
        \tsum := 0
        \tfor _, name := range names {
        \t\tc.prices[name]++ // !fails
        \t}
        \treturn sum, nil
        }

        func main() {
        \tfmt.Println(os.Args)
        }
        """,
    ),
    "cart.rs": (
        "Cart::total",
        """\
        use std::collections::HashMap;
        mod price;

        struct Cart {
            prices: Vec<u32>,
        }

        impl Sum for Cart {
            /// Adds up.
            #[inline]
            pub fn total(&self, rate: u32) -> u32 {
                let first = self.prices[3]; // !fails
                first * rate
            }
        }

        fn main() {
            println!("x");
        }
        """,
    ),
    "cart.rb": (
        "Shop::Cart::total",
        """\
        require "json"
        require_relative "price"

        module Shop
          class Cart < Base
            def initialize(items)
              @items = items
            end

            def total(rate: 1)
              @items.sum do |item|
                item.price * rate # !fails
              end
            end

            def empty?
              @items.empty?
            end
          end
        end
        """,
    ),
    "cart.php": (
        "Cart::total",
        """\
        <?php
        namespace Shop;

        use Shop\\Price;
        require_once __DIR__ . "/price.php";

        class Cart extends Base
        {
            public function total(?int $rate): int
            {
                $sum = 0;
                foreach ($this->items as $item) {
                    $sum += $item->price(); // !fails
                }
                return $sum;
            }
        }
        """,
    ),
    "cart.c": (
        "total",
        """\
        #include <stdio.h>
        #include "cart.h"

        static int *total(struct cart *cart, int rate)
        {
            int sum = 0;
            for (int i = 0; i < cart->n; i++) {
                sum += cart->items[i].prize; /* !fails */
            }
            return &sum;
        }
        """,
    ),
    "cart.cpp": (
        "Cart::total",
        """\
        #include <vector>

        int Cart::total(const std::vector<int> &prices) const {
            int sum = 0;
            sum += prices.at(3); // !fails
            return sum;
        }
        """,
    ),
    "Shop.cs": (
        "Cart.Total",
        """\
        using System;
        using System.Linq;

        namespace Shop;

        public class Cart<T> : Base
        {
            public int Count { get; set; }

            [Pure]
            public async Task<int> Total(int rate)
            {
                var sum = 0;
                return sum / Count; // !fails
            }
        }
        """,
    ),
    "shop.pl": (
        "price",
        """\
        use strict;
        use JSON::PP;

        sub price {
            my ($item) = @_;
            die "no price" unless $item->{price}; # !fails
            return $item->{price};
        }

        print price({});
        """,
    ),
}
