import { assertEquals } from "@std/assert";
import { Deadlines, type Limited } from "../../../src/run/deadlines.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";

class Bench {
  readonly clock = new FakeClock();
  /** Timers that are set. */
  timers = 0;
  readonly deadlines = new Deadlines({
    now: () => this.clock.now(),
    mono: () => this.clock.mono(),
    after: (ms, callback) => {
      let isSet = true;
      const unset = (): void => {
        if (isSet) this.timers--;
        isSet = false;
      };
      this.timers++;
      const timer = this.clock.after(ms, () => {
        unset();
        callback();
      });
      return {
        cancel: () => {
          unset();
          timer.cancel();
        },
      };
    },
  });
  readonly told: string[] = [];

  watch(name: string, ms: number, overdue: () => void = () => {}): Limited {
    const limited: Limited = {
      dueAt: this.clock.mono() + ms,
      overdue: () => {
        this.told.push(`${name} ${this.clock.mono()}`);
        overdue();
      },
      deadline: 0,
    };
    this.deadlines.add(limited);
    return limited;
  }
}

Deno.test("Deadlines tells each when its time is over, once", async () => {
  const bench = new Bench();
  bench.watch("b", 200);
  bench.watch("a", 100);
  bench.watch("c", 300);
  bench.watch("b2", 200);
  await bench.clock.advance(150);
  bench.watch("d", 10);
  await bench.clock.advance(10_000);
  assertEquals(bench.told, ["a 100", "d 160", "b 200", "b2 200", "c 300"]);
});

Deno.test("Deadlines does not tell what was deleted", async () => {
  const bench = new Bench();
  const a = bench.watch("a", 100);
  const b = bench.watch("b", 200);
  bench.deadlines.delete(a);
  bench.deadlines.delete(a);
  await bench.clock.advance(150);
  bench.deadlines.delete(b);
  bench.watch("c", 500);
  await bench.clock.advance(10_000);
  assertEquals(bench.told, ["c 650"]);
});

Deno.test("Deadlines has a timer only while it watches over something", async () => {
  const bench = new Bench();
  const all = [bench.watch("a", 100), bench.watch("b", 50)];
  assertEquals(bench.timers, 1);
  for (const limited of all) bench.deadlines.delete(limited);
  assertEquals(bench.timers, 0);
  bench.watch("c", 100);
  await bench.clock.advance(100);
  assertEquals([bench.told, bench.timers], [["c 100"], 0]);
});

Deno.test("one that is told may delete and add others", async () => {
  const bench = new Bench();
  bench.watch("a", 100, () => {
    for (const other of others) bench.deadlines.delete(other);
    bench.watch("d", 30);
  });
  const others = [bench.watch("as late", 100), bench.watch("later", 110)];
  await bench.clock.advance(1000);
  assertEquals(bench.told, ["a 100", "d 130"]);
});
