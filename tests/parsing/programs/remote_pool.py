#= {}
#- {"type": "ZeroDivisionError", "message": "division by zero", "relation": "cause", "function": "work", "line": 9}
#- {"type": "multiprocessing.pool.RemoteTraceback", "message": "", "relation": "cause", "frames": 0}
#- {"type": "ZeroDivisionError", "message": "division by zero", "function": "get"}
import multiprocessing


def work(number):
    return 1 / number


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(1) as pool:
        pool.map(work, [0])
