import { equal, ok } from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { parseCron } from "../../../src/schedule/cron.ts";
import { nextOf } from "../../../src/schedule/cron_next.ts";
import { seededRng } from "../../../src/rng.ts";
import { drawCron, firesIn, stretchOf } from "./cron_oracle.ts";

const ROUNDS = process.env.GQM_LONG === "1" ? 3000 : 40;

/** Zones and instants near which their clocks change, or do not. */
const PLACES: readonly (readonly [zone: string, around: string])[] = [
  ["America/New_York", "2024-03-10T07:00Z"],
  ["America/New_York", "2024-11-03T06:00Z"],
  ["America/Santiago", "2024-09-08T04:00Z"],
  ["America/Santiago", "2024-04-07T03:00Z"],
  ["America/Havana", "2024-03-10T05:00Z"],
  ["America/Havana", "2024-11-03T05:00Z"],
  ["Europe/Berlin", "2024-03-31T01:00Z"],
  ["Europe/Berlin", "2024-10-27T01:00Z"],
  ["Australia/Lord_Howe", "2024-10-05T15:30Z"],
  ["Australia/Lord_Howe", "2024-04-06T15:00Z"],
  ["Antarctica/Troll", "2024-03-31T01:00Z"],
  ["Antarctica/Troll", "2024-10-27T01:00Z"],
  ["Africa/Casablanca", "2024-03-10T02:00Z"],
  ["Pacific/Apia", "2011-12-30T10:00Z"],
  ["America/Caracas", "2016-05-01T07:00Z"],
  ["Asia/Kathmandu", "1985-12-31T18:30Z"],
  ["Asia/Kolkata", "2024-03-10T07:00Z"],
  ["UTC", "2024-02-29T00:00Z"],
];

for (const [by, stepMs, hours] of [["minute", 60_000, 60], ["second", 1000, 2]] as const) {
  for (const [zone, around] of PLACES) {
    test(`nextOf tells what a walk by the ${by} finds when it is about ${around} in ${zone}`, () => {
      const stretch = stretchOf(zone, around, stepMs, hours);
      const end = stretch.from + stretch.walls.length * stepMs;
      for (let seed = 1; seed <= ROUNDS; seed++) {
        const rng = seededRng(seed);
        // Half a stretch must lie before it, so that the walk has seen what comes again.
        const start = stretch.from + stretch.walls.length * stepMs / 4;
        const drawn = drawCron(rng, stretch.walls[stretch.walls.length / 2]!, by === "second");
        const plan = parseCron(drawn.expression);
        const fires = firesIn(stretch, drawn);
        const answer = (after: number): number => {
          const next = nextOf(plan, zone, after);
          const expected = fires.find((fire) => fire > after);
          const where = `seed ${seed}: '${drawn.expression}' after ${
            new Date(after).toISOString()
          }`;
          ok(next !== null && next > after, where);
          if (expected === undefined) ok(next >= end, where);
          else equal(new Date(next).toISOString(), new Date(expected).toISOString(), where);
          return next;
        };
        let at = start;
        for (let i = 0; i < 100 && at < end - stepMs; i++) at = answer(at);
        for (let i = 0; i < 30; i++) answer(Math.floor(start + rng() * (end - start - stepMs)));
      }
    });
  }
}
