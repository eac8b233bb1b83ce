/** Random histories: each store does what the memory store does. */

import process from "node:process";
import { describe, it } from "node:test";
import { testRedisProblem } from "../support/redis/shared.ts";
import { runHistories } from "./run.ts";
import { subjects } from "./subjects.ts";

const LONG = process.env.GQM_LONG === "1";
const steps = LONG ? 1_000_000 : 8_000;
const tell = (line: string): void => console.log(line);

describe("a store does what the memory store does", () => {
  it("sqlite, in random histories", async () => {
    await runHistories(subjects.sqlite, { steps, tell });
  });

  it("redis, in random histories", { skip: testRedisProblem() ?? false }, async () => {
    await runHistories(subjects.redis, { steps, tell });
  });
});
