/**
 * Calls that come while one is under way go together in the next.
 *
 * @module
 */

/** How a `Coalescer` sends. */
export interface CoalescerOptions<I, O> {
  /** Sends a batch; answers one output per input, in order. */
  readonly send: (batch: readonly I[]) => Promise<readonly O[]>;
  /** Weight of an input. @default {1} */
  readonly weigh?: (input: I) => number;
  /** Most weight of a batch; an input above it goes alone. */
  readonly maxWeight: number;
}

interface Waiting<I, O> {
  readonly input: I;
  readonly resolve: (output: O) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Merges calls without a timer: the first call goes out in the next microtask,
 * together with what the same tick adds; what comes while it is under way goes
 * out when it is back. So an idle caller waits for nothing and a busy one
 * batches by itself.
 */
export class Coalescer<I, O> {
  readonly #options: CoalescerOptions<I, O>;
  #waiting: Waiting<I, O>[] = [];
  #running: Promise<void> | undefined;

  /** @param options How to send. */
  constructor(options: CoalescerOptions<I, O>) {
    this.#options = options;
  }

  /** Adds a call; settles with its own output, or with the failure of its batch. */
  add(input: I): Promise<O> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is waiting or under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    await undefined;
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        const outputs = await this.#options.send(batch.map(({ input }) => input));
        for (let i = 0; i < batch.length; i++) batch[i]!.resolve(outputs[i]!);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = undefined;
  }

  #takeBatch(): Waiting<I, O>[] {
    const { weigh, maxWeight } = this.#options;
    let weight = 0;
    let size = 0;
    for (const { input } of this.#waiting) {
      weight += weigh?.(input) ?? 1;
      if (size > 0 && weight > maxWeight) break;
      size++;
    }
    if (size === this.#waiting.length) {
      const all = this.#waiting;
      this.#waiting = [];
      return all;
    }
    return this.#waiting.splice(0, size);
  }
}
