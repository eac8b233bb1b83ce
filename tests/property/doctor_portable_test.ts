/** Random histories give the doctor nothing to do. */

import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { memoryStore } from "../../src/store/memory/store.ts";
import type { Store } from "../../src/store/store.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { Draws } from "./draws.ts";
import { type History, makeHistory } from "./history.ts";
import { Pair } from "./pair.ts";
import { Player } from "./player.ts";
import { subjects } from "./subjects.ts";

const HISTORIES = process.env.GQM_LONG === "1" ? 400 : 8;
const LENGTH = 250;
const FIRST_SEED = 20_260_301;

/** Goes through a store again and again, a part of it after each step of a history. */
class Doctor {
  readonly #store: Store;
  readonly #draws: Draws;
  #cursor: string | undefined;
  walks = 0;

  constructor(store: Store, seed: number) {
    this.#store = store;
    this.#draws = new Draws(seed);
  }

  async look(): Promise<void> {
    const limit = this.#draws.pick([1, 3, 20, 1000]);
    const repair = this.#draws.chance(0.5);
    const from = this.#cursor === undefined ? {} : { cursor: this.#cursor };
    const { findings, cursor } = await this.#store.check({ repair, limit, ...from });
    assert.deepEqual(findings, [], "a store in use has nothing wrong");
    this.#cursor = cursor;
    if (cursor === undefined) this.walks++;
  }

  /** Goes on to the end of the walk. */
  async finish(): Promise<void> {
    do await this.look(); while (this.#cursor !== undefined);
  }
}

async function play(history: History): Promise<number> {
  const { seed, retention, steps } = history;
  const clocks = [new FakeClock(), new FakeClock()] as const;
  await using model = memoryStore({ clock: clocks[0], retention });
  const subject = subjects.sqlite;
  const { store, cleanUp } = await subject.open({ clock: clocks[1], retention });
  const pair = new Pair(model, store);
  const player = new Player({ pair, clocks, history, endsInOrder: subject.endsInOrder });
  const doctors = [new Doctor(model, seed), new Doctor(store, seed + 1)];
  try {
    for (const [i, step] of steps.entries()) {
      await player.step(step);
      for (const doctor of doctors) {
        await doctor.look();
        if (i % 25 === 0) await doctor.finish();
      }
    }
    for (const doctor of doctors) await doctor.finish();
    return Math.min(...doctors.map(({ walks }) => walks));
  } catch (error) {
    throw new Error(`History of seed ${seed}, after step ${player.played.length}: ${error}`, {
      cause: error,
    });
  } finally {
    await store.close();
    await cleanUp();
  }
}

describe("a store in use gives no findings", () => {
  it("memory and sqlite, in random histories", async () => {
    for (let i = 0; i < HISTORIES; i++) {
      const history = makeHistory(FIRST_SEED + i * 7919, LENGTH, true);
      assert.ok(await play(history) > 5);
    }
  });
});
