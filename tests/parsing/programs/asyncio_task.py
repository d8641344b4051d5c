#= {}
#- {"type": "ValueError", "message": "in a task", "function": "work", "line": 8, "frames": 1}
import asyncio
import gc


async def work():
    raise ValueError("in a task")


async def main():
    asyncio.create_task(work())
    await asyncio.sleep(0)
    gc.collect()


asyncio.run(main())
