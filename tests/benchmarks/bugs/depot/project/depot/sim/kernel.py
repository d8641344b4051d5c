"""A deterministic clock for asyncio workers.

Workers are ordinary coroutines that only ever wait for the kernel: for a time,
a message, a signal or a slot. When all of them wait, the clock jumps to the
next entry of the agenda. Nothing here looks at the real time.
"""
from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

from ..errors import Deadlock, KernelError

T = TypeVar("T")


class Closed(KernelError):
    """The channel was closed while somebody waited for a message."""


class Timer:
    """An entry of the agenda; cancelled ones are skipped when their time comes."""

    __slots__ = ("at", "callback", "args", "cancelled")

    def __init__(self, at: float, callback: Callable[..., None], args: tuple[Any, ...]) -> None:
        self.at = at
        self.callback = callback
        self.args = args
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Process:
    def __init__(self, name: str, daemon: bool) -> None:
        self.name = name
        self.daemon = daemon
        self.task: asyncio.Task[Any] | None = None
        self.error: BaseException | None = None
        self.result: Any = None
        self.done = False
        self.waiters: list[asyncio.Future[None]] = []


class Kernel:
    def __init__(self, start: float = 0.0, horizon: float | None = None) -> None:
        self._now = start
        self.horizon = horizon
        self._agenda: list[tuple[float, int, Timer]] = []
        self._counter = itertools.count()
        self._processes: list[Process] = []
        self._running = 0
        self._idle = asyncio.Event()
        self._stopped = False
        self.steps = 0

    @property
    def now(self) -> float:
        return self._now

    # ------------------------------------------------------------ processes

    def spawn(self, work: Coroutine[Any, Any, Any], name: str, daemon: bool = False) -> Process:
        process = Process(name, daemon)
        self._processes.append(process)
        self._running += 1
        process.task = asyncio.create_task(self._drive(process, work), name=name)
        return process

    async def _drive(self, process: Process, work: Coroutine[Any, Any, Any]) -> None:
        try:
            process.result = await work
        except asyncio.CancelledError:
            raise
        except Exception as error:
            process.error = error
        finally:
            process.done = True
            for waiter in process.waiters:
                self.wake(waiter)
            self._running -= 1
            self._check_idle()

    def _check_idle(self) -> None:
        if self._running <= 0:
            self._idle.set()

    async def join(self, process: Process) -> Any:
        """Wait for a process to end; its result."""
        if not process.done:
            waiter = self.future()
            process.waiters.append(waiter)
            await self.park(waiter)
        if process.error is not None:
            raise process.error
        return process.result

    # ------------------------------------------------------- parking and waking

    def future(self) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().create_future()

    async def park(self, future: asyncio.Future[T]) -> T:
        """Wait inside of a process; whoever calls `wake` makes it run again."""
        self._running -= 1
        self._check_idle()
        return await future

    def wake(self, future: asyncio.Future[Any], value: Any = None) -> bool:
        if future.done():
            return False
        self._running += 1
        self._idle.clear()
        future.set_result(value)
        return True

    # ------------------------------------------------------------------ time

    def call_at(self, at: float, callback: Callable[..., None], *args: Any) -> Timer:
        if at < self._now:
            raise KernelError(f"{at} has passed already, it is {self._now}")
        timer = Timer(at, callback, args)
        heapq.heappush(self._agenda, (at, next(self._counter), timer))
        return timer

    async def sleep(self, minutes: float) -> float:
        """Returns the time after the sleep."""
        future = self.future()
        self.call_at(self._now + max(0.0, minutes), self.wake, future)
        await self.park(future)
        return self._now

    async def sleep_until(self, moment: float) -> float:
        return await self.sleep(moment - self._now)

    def stop(self) -> None:
        self._stopped = True

    # ------------------------------------------------------------------- running

    async def run(self) -> float:
        """Until nothing is left to do, the horizon is reached or somebody calls `stop`."""
        try:
            while True:
                await self._quiesce()
                self._raise_errors()
                if self._stopped:
                    break
                timer = self._next_timer()
                if timer is None:
                    self._check_deadlock()
                    break
                if self.horizon is not None and timer.at > self.horizon:
                    self._now = self.horizon
                    break
                self._now = timer.at
                self.steps += 1
                timer.callback(*timer.args)
        finally:
            await self._cancel_rest()
        return self._now

    async def _quiesce(self) -> None:
        while self._running > 0:
            self._idle.clear()
            await self._idle.wait()

    def _next_timer(self) -> Timer | None:
        while self._agenda:
            _, _, timer = heapq.heappop(self._agenda)
            if not timer.cancelled:
                return timer
        return None

    def _raise_errors(self) -> None:
        for process in self._processes:
            if process.error is not None:
                raise process.error

    def _check_deadlock(self) -> None:
        stuck = [process.name for process in self._processes
                 if not process.done and not process.daemon]
        if stuck:
            raise Deadlock(stuck)

    async def _cancel_rest(self) -> None:
        tasks = [process.task for process in self._processes if process.task and not process.done]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Channel(Generic[T]):
    """Messages in the sequence in which they were sent, each to one receiver."""

    def __init__(self, kernel: Kernel, name: str = "") -> None:
        self.kernel = kernel
        self.name = name
        self._items: deque[T] = deque()
        self._receivers: deque[asyncio.Future[T]] = deque()
        self._closed = False

    def __len__(self) -> int:
        return len(self._items)

    @property
    def closed(self) -> bool:
        return self._closed

    def send(self, item: T) -> None:
        if self._closed:
            raise Closed(f"channel {self.name} is closed")
        while self._receivers:
            if self.kernel.wake(self._receivers.popleft(), item):
                return
        self._items.append(item)

    async def receive(self) -> T:
        if self._items:
            return self._items.popleft()
        if self._closed:
            raise Closed(f"channel {self.name} is closed")
        future = self.kernel.future()
        self._receivers.append(future)
        item = await self.kernel.park(future)
        if item is None and self._closed:
            raise Closed(f"channel {self.name} is closed")
        return item

    async def receive_within(self, minutes: float) -> T | None:
        """None if nothing comes in time."""
        if self._items:
            return self._items.popleft()
        if self._closed:
            raise Closed(f"channel {self.name} is closed")
        future = self.kernel.future()
        timer = self.kernel.call_at(self.kernel.now + minutes, self.kernel.wake, future)
        self._receivers.append(future)
        item = await self.kernel.park(future)
        timer.cancel()
        if item is None and self._closed:
            raise Closed(f"channel {self.name} is closed")
        return item

    def close(self) -> None:
        self._closed = True
        while self._receivers:
            self.kernel.wake(self._receivers.popleft())

    async def __aiter__(self) -> AsyncIterator[T]:
        while True:
            try:
                yield await self.receive()
            except Closed:
                return


class Signal:
    """Wakes all that wait for it, with a value."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._waiters: list[asyncio.Future[Any]] = []
        self.fired = 0

    async def wait(self) -> Any:
        future = self.kernel.future()
        self._waiters.append(future)
        return await self.kernel.park(future)

    def fire(self, value: Any = None) -> int:
        self.fired += 1
        waiters, self._waiters = self._waiters, []
        return sum(self.kernel.wake(waiter, value) for waiter in waiters)


class Slots:
    """A number of equal places, for example the gates of a warehouse; first come, first served."""

    def __init__(self, kernel: Kernel, count: int, name: str = "slots") -> None:
        if count < 1:
            raise KernelError(f"{name} needs at least one place")
        self.kernel = kernel
        self.count = count
        self.name = name
        self._free = count
        self._queue: deque[asyncio.Future[None]] = deque()
        self.longest_queue = 0
        self.waited = 0.0

    @property
    def free(self) -> int:
        return self._free

    @property
    def in_use(self) -> int:
        return self.count - self._free

    async def acquire(self) -> float:
        """Returns how long it took to get a place."""
        if self._free > 0:
            self._free -= 1
            return 0.0
        begin = self.kernel.now
        future = self.kernel.future()
        self._queue.append(future)
        self.longest_queue = max(self.longest_queue, len(self._queue))
        await self.kernel.park(future)
        waited = self.kernel.now - begin
        self.waited += waited
        return waited

    def release(self) -> None:
        while self._queue:
            if self.kernel.wake(self._queue.popleft()):
                return
        self._free += 1

    @asynccontextmanager
    async def place(self) -> AsyncIterator[float]:
        waited = await self.acquire()
        try:
            yield waited
        finally:
            self.release()


class Bus:
    """Named events for those who only look on. A topic ends in `*` to match a whole family."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._exact: dict[str, list[Callable[..., None]]] = {}
        self._prefixes: list[tuple[str, Callable[..., None]]] = []
        self.published = 0

    def subscribe(self, topic: str, callback: Callable[..., None]) -> Callable[[], None]:
        """Returns a function that ends the subscription."""
        if topic.endswith("*"):
            entry = (topic[:-1], callback)
            self._prefixes.append(entry)
            return lambda: self._prefixes.remove(entry)
        callbacks = self._exact.setdefault(topic, [])
        callbacks.append(callback)
        return lambda: callbacks.remove(callback)

    def publish(self, topic: str, **details: Any) -> None:
        self.published += 1
        at = self._clock()
        for callback in list(self._exact.get(topic, ())):
            callback(topic, at, **details)
        for prefix, callback in list(self._prefixes):
            if topic.startswith(prefix):
                callback(topic, at, **details)
