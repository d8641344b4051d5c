#= {}
#- {"type": "ExceptionGroup", "message": "unhandled errors in a TaskGroup (2 sub-exceptions)", "function": "__aexit__"}
#- {"type": "ValueError", "message": "task 1", "relation": "group member", "function": "work", "line": 9, "frames": 1}
#- {"type": "ValueError", "message": "task 2", "relation": "group member", "function": "work", "line": 9, "frames": 1}
import asyncio


async def work(number):
    raise ValueError(f"task {number}")


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(work(1))
        group.create_task(work(2))


asyncio.run(main())
