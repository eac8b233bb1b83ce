import { assertEquals, assertThrows } from "@std/assert";
import { InvalidOptionError } from "../../../mod.ts";
import { type BusEvent, EventBus, type EventOf } from "../../../src/events/bus.ts";
import { CollectingLogger } from "../../support/collecting_logger.ts";

type Fruit =
  | BusEvent & { readonly event: "apple"; readonly red: boolean }
  | BusEvent & { readonly event: "pear" };

function newBus(): { bus: EventBus<Fruit>; logger: CollectingLogger } {
  const logger = new CollectingLogger();
  const bus = new EventBus<Fruit>({ names: ["apple", "pear"], logger, now: () => 17 });
  return { bus, logger };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

Deno.test("EventBus.emit tells those who listen to the event or to all, after the call", async () => {
  const { bus } = newBus();
  const told: string[] = [];
  bus.on("apple", ({ red, at }) => told.push(`apple ${red} ${at}`));
  bus.on("*", ({ event }) => told.push(event));
  bus.emit({ event: "apple", red: true });
  bus.emit({ event: "pear" });
  assertEquals(told, []);
  await turn();
  assertEquals(told, ["apple true 17", "apple", "pear"]);
});

Deno.test("EventBus.hears is false until somebody listens, and again when nobody does", () => {
  const { bus } = newBus();
  assertEquals([bus.hears("apple"), bus.hears("pear")], [false, false]);
  {
    using _apples = bus.on("apple", () => {});
    assertEquals([bus.hears("apple"), bus.hears("pear")], [true, false]);
    const off = bus.on("*", () => {});
    assertEquals([bus.hears("apple"), bus.hears("pear")], [true, true]);
    off();
    off();
    assertEquals([bus.hears("apple"), bus.hears("pear")], [true, false]);
  }
  assertEquals([bus.hears("apple"), bus.hears("pear")], [false, false]);
});

Deno.test("EventBus.on ends when its signal aborts, and does not begin when it has", async () => {
  const { bus } = newBus();
  const stop = new AbortController();
  const told: string[] = [];
  bus.on("pear", () => told.push("before"), { signal: stop.signal });
  bus.emit({ event: "pear" });
  stop.abort();
  bus.on("pear", () => told.push("after"), { signal: stop.signal });
  assertEquals(bus.hears("pear"), false);
  bus.emit({ event: "pear" });
  await turn();
  assertEquals(told, ["before"]);
});

Deno.test("EventBus.on tells a function twice that listens twice, and once when one ends", async () => {
  const { bus } = newBus();
  let told = 0;
  const listener = (_event: EventOf<Fruit, "pear">): number => ++told;
  const off = bus.on("pear", listener);
  bus.on("pear", listener);
  bus.emit({ event: "pear" });
  await turn();
  assertEquals(told, 2);
  off();
  bus.emit({ event: "pear" });
  await turn();
  assertEquals(told, 3);
});

Deno.test("EventBus.emit logs what a listener throws or rejects with, and tells the others", async () => {
  const { bus, logger } = newBus();
  const told: string[] = [];
  bus.on("pear", () => {
    throw new Error("thrown");
  });
  bus.on("pear", () => Promise.reject(new Error("rejected")));
  bus.on("pear", () => told.push("third"));
  bus.emit({ event: "pear" });
  await turn();
  assertEquals(told, ["third"]);
  const errors = logger.lines.map(({ message, fields }) => [
    message,
    fields?.event,
    (fields?.error as Error).message,
  ]);
  assertEquals(errors, [["Listener failed", "pear", "thrown"], [
    ...["Listener failed", "pear", "rejected"],
  ]]);
});

Deno.test("EventBus.on refuses an event that there is not, and a listener that is none", () => {
  const { bus } = newBus();
  assertThrows(() => bus.on("plum" as "pear", () => {}), InvalidOptionError, "'event'");
  assertThrows(() => bus.on("pear", 1 as never), InvalidOptionError, "'listener'");
  assertThrows(() => bus.on("pear", () => {}, { once: true } as never), InvalidOptionError, "once");
});
