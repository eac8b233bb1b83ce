/** Takes the steps of a history, one by one. */

import type { JobRecord } from "../../src/job/job.ts";
import { hold } from "./broken.ts";
import { act, drain, enqueue, pause } from "./change_verbs.ts";
import { difference } from "./compare.ts";
import { checkFamilies } from "./families.ts";
import { compareLimits, limit, stepSeen } from "./limit_verbs.ts";
import { checkMoves } from "./moves.ts";
import { claim, heartbeat, report, settle } from "./run_verbs.ts";
import { changeSchedule, compareSchedules } from "./schedule_verbs.ts";
import { upkeep } from "./upkeep_verbs.ts";
import { type Step, UNIT } from "./steps.ts";
import { type Setting, World } from "./world.ts";

type Kinds = ReadonlySet<Step["do"]>;

/** Steps after which children may have to be told. */
const MAY_END: Kinds = new Set(["enqueue", "claim", "settle", "act", "schedule", "reap", "expire"]);
/** Steps that a lazy history takes though some children may not know yet. */
const GOES_ON: Kinds = new Set(
  ["enqueue", "settle", "act", "report", "heartbeat", "relay", "pause", "leave", "crash"],
);

/** Plays on both stores what the steps say. */
export class Player {
  /** The steps so far, with the ids of the claims that they meant. */
  readonly played: Step[] = [];
  readonly #world: World;
  /** All records at the last look at the moves. */
  #before: ReadonlyMap<string, JobRecord> = new Map();

  constructor(setting: Setting) {
    this.#world = new World(setting, (step) => {
      this.played.splice(-1, 1, step);
    });
  }

  /** Takes one step. */
  async step(step: Step): Promise<void> {
    this.played.push(step);
    const { history: { lazy, close }, pair } = this.#world;
    if (lazy && !GOES_ON.has(step.do)) await pair.relayAll();
    await this.#take(step);
    if (!lazy && MAY_END.has(step.do)) await pair.relayAll();
    if (close) await this.#lookAtMoves(step);
  }

  async #take(step: Step): Promise<void> {
    const world = this.#world;
    const { pair } = world;
    switch (step.do) {
      case "enqueue":
        return await enqueue(world, step);
      case "claim":
        return void await claim(world, step.claim);
      case "settle":
        return await settle(world, step);
      case "act":
        return await act(world, step);
      case "pause":
        return await pause(world, step);
      case "schedule":
        return await changeSchedule(world, step);
      case "limit":
        return await limit(world, step);
      case "relay":
        await pair.relay(step.limit);
        break;
      case "report":
        return await report(world, step);
      case "heartbeat":
        return await heartbeat(world, step);
      case "reap":
      case "expire":
      case "prune":
        return await upkeep(world, step.do, step.limit);
      case "promote":
        await pair.both(step.do, (store) => store.promote(step.limit), stepSeen(world));
        break;
      case "jump":
        world.jump(step.by * UNIT);
        await pair.sample();
        // What has grown too old goes now: whether the next settle takes it along is not promised.
        return await upkeep(world, "prune", step.pruneLimit);
      case "leave":
        return void await pair.both(step.do, (store) => store.leave(step.server));
      case "crash":
        return world.claims.forget(step.server);
      case "drain":
        return await drain(world);
      default:
        step satisfies never;
    }
  }

  /** Compares everything that can be looked at, and checks the store by itself. */
  async look(): Promise<void> {
    const { ids: all, pair, watch, ledger, now } = this.#world;
    await pair.relayAll();
    const ids = [...all];
    const { records, counts } = await watch.look(ids);
    ledger.saw(ids.map((id) => [id, records.get(id) ?? null]), now);
    checkFamilies(ledger, records);
    const expected = await pair.model.getJobs(ids);
    for (const [i, id] of ids.entries()) {
      const found = difference(expected[i], records.get(id) ?? null, `record '${id}'`);
      if (found !== undefined) throw new Error(found);
      if (expected[i] === null) all.delete(id);
    }
    // The records agree, and the counts with them: if also with the model's, none is left out.
    const sum = (rows: readonly { count: number }[]) => rows.reduce((n, { count }) => n + count, 0);
    const [model, store] = [sum(await pair.model.counts()), sum(counts)];
    hold(model === store, `Sum of counts must be ${model}`, store);
    await pair.comparePaused();
    await compareSchedules(pair);
    await pair.compareInsight(now);
    await pair.compareOldest();
    await compareLimits(pair);
    await pair.compareChildren(records);
    await pair.compareParents();
  }

  /** Checks that a step moved jobs only as it may. */
  async #lookAtMoves(step: Step): Promise<void> {
    const { ids: all, pair, ledger, now } = this.#world;
    const ids = [...all];
    const read = await pair.store.getJobs(ids);
    ledger.saw(ids.map((id, i) => [id, read[i]!]), now);
    const records = new Map(read.filter((one) => one !== null).map((one) => [one.id, one]));
    checkMoves(step, this.#before, records);
    this.#before = records;
  }
}
