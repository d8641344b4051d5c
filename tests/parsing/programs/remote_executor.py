#= {"following": ["number"]}
#- {"type": "KeyError", "message": "0", "relation": "cause", "function": "work", "line": 12}
#- {"type": "ValueError", "message": "bad\nnumber", "relation": "cause", "function": "work", "line": 14}
#- {"type": "concurrent.futures.process._RemoteTraceback", "message": "", "relation": "cause", "frames": 0}
#- {"type": "ValueError", "message": "bad", "function": "__get_result"}
import concurrent.futures
import multiprocessing


def work(number):
    try:
        {}[number]
    except KeyError as error:
        raise ValueError("bad\nnumber") from error


if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
        pool.submit(work, 0).result()
