import { assertEquals } from "@std/assert";
import { sleep, systemClock } from "../../src/clock.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";

const strict = { sanitizeOps: true, sanitizeResources: true };

Deno.test("systemClock.after calls back once", strict, async () => {
  let calls = 0;
  await new Promise<void>((resolve) => {
    systemClock.after(0, () => {
      calls++;
      resolve();
    });
  });
  assertEquals(calls, 1);
});

Deno.test("systemClock.after does not call back when canceled", strict, async () => {
  let calls = 0;
  systemClock.after(0, () => calls++).cancel();
  await sleep(systemClock, 2);
  assertEquals(calls, 0);
});

Deno.test(
  "systemClock.after waits when the delay is longer than a runtime's timer takes",
  strict,
  async () => {
    let calls = 0;
    const timer = systemClock.after(2 ** 40, () => calls++);
    await sleep(systemClock, 5);
    timer.cancel();
    assertEquals(calls, 0, "a longer setTimeout fires at once");
  },
);

Deno.test("systemClock.after calls back when the delay is negative", strict, async () => {
  await new Promise<void>((resolve) => void systemClock.after(-5, resolve));
});

Deno.test("systemClock.mono never steps back", () => {
  const times = Array.from({ length: 1000 }, () => systemClock.mono());
  assertEquals(times, times.toSorted((a, b) => a - b));
});

Deno.test("sleep resolves when the time has passed, not before", async () => {
  const clock = new FakeClock();
  let done = false;
  sleep(clock, 10).then(() => done = true);
  await clock.advance(9);
  assertEquals(done, false);
  await clock.advance(1);
  assertEquals(done, true);
});

Deno.test("sleep resolves at once when the signal has aborted", async () => {
  await sleep(new FakeClock(), 1e9, AbortSignal.abort());
});

Deno.test("sleep resolves and cancels its timer when the signal aborts", strict, async () => {
  const controller = new AbortController();
  const slept = sleep(systemClock, 1e9, controller.signal);
  controller.abort(new Error("no matter why"));
  await slept;
});

Deno.test("sleep leaves no listener on the signal when the time has passed", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  const clock = new FakeClock();
  const slept = sleep(clock, 5, signal);
  await clock.advance(5);
  await slept;
  assertEquals(listeners, 0);
});
