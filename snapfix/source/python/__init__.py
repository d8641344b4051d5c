"""Python source as a program: what is defined where, what an expression stands for, which statements matter."""
