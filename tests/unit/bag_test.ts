import { assertEquals } from "@std/assert";
import { Bag } from "../../src/bag.ts";

interface Thing {
  readonly name: string;
  place: number;
}

function filled(names: string): { bag: Bag<Thing>; things: Thing[]; names: () => string } {
  const bag = new Bag<Thing>((thing, place) => thing.place = place);
  const things = Array.from(names, (name): Thing => ({ name, place: 0 }));
  for (const thing of things) bag.add(thing);
  return { bag, things, names: () => bag.all().map(({ name }) => name).sort().join("") };
}

Deno.test("Bag gives back what was put into it and not taken out", () => {
  const { bag, things, names } = filled("abcd");
  const deleted = (i: number): boolean => bag.delete(things[i]!, things[i]!.place);
  assertEquals([deleted(0), names(), bag.size], [true, "bcd", 3]);
  assertEquals([deleted(3), names(), bag.size], [true, "bc", 2]);
  bag.add(things[0]!);
  assertEquals([deleted(1), deleted(2), names()], [true, true, "a"]);
  assertEquals([deleted(0), names(), bag.size], [true, "", 0]);
});

Deno.test("Bag.delete does nothing when the thing is not in it", () => {
  const { bag, things, names } = filled("abc");
  const [a] = things;
  bag.delete(a!, a!.place);
  assertEquals([bag.delete(a!, a!.place), names()], [false, "bc"]);
  assertEquals(bag.delete({ name: "d", place: 1 }, 1), false);
});

Deno.test("Bag.all is a copy, so that things may leave while it is gone through", () => {
  const { bag, names } = filled("abc");
  for (const thing of bag.all()) bag.delete(thing, thing.place);
  assertEquals(names(), "");
});
