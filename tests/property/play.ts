/** Plays a history on a store and on the model at once, and compares what they say. */

import type { Clock } from "../../src/clock.ts";
import { memoryStore } from "../../src/store/memory/store.ts";
import type { RetentionLimits, Store } from "../../src/store/store.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import type { History } from "./history.ts";
import { Hearing } from "./hearing.ts";
import { Pair } from "./pair.ts";
import { Player } from "./player.ts";
import type { Step } from "./steps.ts";

/** A kind of store to be tested. */
export interface Subject {
  readonly name: string;
  /** Whether it removes what is above the count limit at once; if not, the limit is never met. */
  readonly trimsAtOnce: boolean;
  /**
   * Whether the children of several jobs that end in one call are let go in the
   * order in which the call names those: not promised.
   */
  readonly endsInOrder: boolean;
  /** Makes and opens an empty store. */
  open(options: { readonly clock: Clock; readonly retention: RetentionLimits }): Promise<Opened>;
}

/** A store to be tested, and how to be rid of it. */
export interface Opened {
  readonly store: Store;
  cleanUp(): void | Promise<void>;
}

/** What came about in a history that went well. */
export interface Played {
  /** Children that were told by `relay`, later than in the step that ended their parent. */
  readonly relayed: number;
}

/** A history that did not go as in the model. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
  /** The steps until then, with the ids of the claims that they meant. */
  readonly played: readonly Step[];

  constructor(played: readonly Step[], cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Step ${played.length} (${played.at(-1)?.do}) must go as in the model: ${reason}`, {
      cause,
    });
    this.played = played;
  }
}

/**
 * Plays a history, and looks at everything after each `lookEvery` steps and at the end.
 *
 * @throws {HistoryError} If the store broke a promise, or said what the model did not.
 */
export async function play(subject: Subject, history: History, lookEvery: number): Promise<Played> {
  const { retention, steps } = history;
  const clocks = [new FakeClock(), new FakeClock()] as const;
  await using model = memoryStore({ clock: clocks[0], retention });
  const { store, cleanUp } = await subject.open({ clock: clocks[1], retention });
  const pair = new Pair(model, store);
  // Others without, as most stores are.
  const hearing = history.seed % 2 === 0 ? await Hearing.begin(pair) : undefined;
  const player = new Player({ pair, clocks, history, endsInOrder: subject.endsInOrder });
  try {
    for (const [i, step] of steps.entries()) {
      await player.step(step);
      if ((i + 1) % lookEvery === 0 || i === steps.length - 1) {
        await player.look();
        await hearing?.listen();
      }
    }
    await hearing?.check();
    return { relayed: pair.relayed };
  } catch (error) {
    throw new HistoryError(player.played, error);
  } finally {
    await hearing?.close();
    await store.close();
    await cleanUp();
  }
}
