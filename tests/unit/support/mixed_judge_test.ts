/** What the judge of the kill test finds, and that it finds nothing where all is well. */

import { assertEquals } from "@std/assert";
import type { JobStatus } from "../../../mod.ts";
import { judge } from "../../support/mixed/judge.ts";
import { World } from "../../support/world.ts";

/** A parent with fence 1 and a child with fence 2 that have completed, as the worker tells it. */
const WELL = ["start p F1", "end p F1", "start c F2", "end c F2"];
const completed: readonly JobStatus[] = ["completed"];

const rows: readonly (readonly [string, {
  readonly lines?: readonly string[];
  readonly accepted?: Readonly<Record<string, readonly JobStatus[]>>;
  readonly found: readonly ("lost" | "doubled" | "early")[];
}])[] = [
  ["nothing, where all is well", { found: [] }],
  ["nothing, where a holder died and another went on", {
    lines: ["start p F0", ...WELL],
    found: [],
  }],
  ["a job that is not there", { accepted: { x: completed }, found: ["lost"] }],
  ["a job that ended otherwise", { accepted: { p: ["canceled"] }, found: ["lost"] }],
  ["an end that is not the latest holder's", {
    lines: [...WELL, "start p F3"],
    found: ["doubled"],
  }],
  ["a fence that began twice", { lines: [...WELL, "start p F1"], found: ["doubled"] }],
  ["a child that began before its parent's end", {
    lines: ["start p F1", "start c F2", "end p F1", "end c F2"],
    found: ["early"],
  }],
  ["a child that saw its parent run", { lines: [...WELL, "early c F2"], found: ["early"] }],
];

for (const [what, { lines = WELL, accepted = {}, found }] of rows) {
  Deno.test(`judge finds ${what}`, async () => {
    await using world = new World();
    const server = world.server();
    server.handle("t", ({ fence }) => fence);
    await server.start();
    const graph = await world.client.enqueueGraph({
      p: { type: "t", options: { id: "p" } },
      c: { type: "t", options: { id: "c" }, dependsOn: ["p"] },
    });
    const first = Number(await graph.p.result());
    const fences = [first - 1, first, Number(await graph.c.result())];
    fences.push(fences[2]! + 1);
    const file = await Deno.makeTempFile({ prefix: "gqm_effects_" });
    try {
      const told = lines.map((line) => line.replace(/F(\d)/, (_, i) => String(fences[Number(i)])));
      await Deno.writeTextFile(file, `${told.join("\n")}\n`);
      const all = new Map(Object.entries({ p: completed, c: completed, ...accepted }));
      const { lost, doubled, early } = await judge(world.store, all, file);
      const seen = Object.entries({ lost, doubled, early }).filter(([, list]) => list.length > 0);
      assertEquals(seen.map(([name]) => name), [...found]);
    } finally {
      await Deno.remove(file);
    }
  });
}
