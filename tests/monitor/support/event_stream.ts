/** Reads a stream of events as it comes. */

/** An event of a stream. */
export interface ToldEvent {
  readonly event: string;
  // deno-lint-ignore no-explicit-any -- what it is, the test says
  readonly data: any;
}

/** What a test waits for. */
export interface Told {
  readonly events: readonly ToldEvent[];
  /** The parts between empty lines, comments too. */
  readonly blocks: readonly string[];
  /** Where to go on. */
  readonly id: string | undefined;
}

/** The events in the text of a stream. */
export function eventsIn(text: string): ToldEvent[] {
  return blocksIn(text).flatMap((block) => {
    const data = /^data: (.*)$/m.exec(block)?.[1];
    const event = /^event: (.*)$/m.exec(block)?.[1];
    return data === undefined || event === undefined ? [] : [{ event, data: JSON.parse(data) }];
  });
}

function blocksIn(text: string): string[] {
  return text.split("\n\n").slice(0, -1);
}

/** A stream of events that is read. */
export class EventStream {
  /** All that has come. */
  text: string = "";
  /** Whether it has ended. */
  hasEnded: boolean = false;
  /** What broke it off. */
  error: unknown;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  /** Resolves when there is no more. */
  readonly ended: Promise<void>;
  #changed: () => void = () => {};

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
    this.ended = this.#read();
  }

  /** What has come. */
  get told(): Told {
    const blocks = blocksIn(this.text);
    const id = blocks.map((block) => /^id: (.*)$/m.exec(block)?.[1]).findLast(Boolean);
    return { events: eventsIn(this.text), blocks, id };
  }

  /** The data of all events of a name, in their order. */
  // deno-lint-ignore no-explicit-any -- what it is, the test says
  of(name: string): any[] {
    return this.told.events.filter(({ event }) => event === name).map(({ data }) => data);
  }

  /** What happened to jobs, in a few words. */
  get jobs(): string[] {
    return this.of("jobs").flatMap(({ jobs }) =>
      jobs.map(({ id, kind }: { id: string; kind: string }) => `${id} ${kind}`)
    );
  }

  /**
   * Waits until what has come is enough.
   *
   * @param turn Called again and again meanwhile, as to move a clock.
   * @throws If the stream ends before.
   */
  async until(isEnough: (told: Told) => boolean, turn?: () => Promise<void>): Promise<void> {
    while (!isEnough(this.told)) {
      if (this.hasEnded) {
        throw new Error(`Cannot go on as the stream must go on: ${this.text}`, {
          cause: this.error,
        });
      }
      if (turn === undefined) await new Promise<void>((resolve) => this.#changed = resolve);
      else await turn();
    }
  }

  /** Goes away. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
    await this.ended;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for (let one = await this.#reader.read(); !one.done; one = await this.#reader.read()) {
        this.text += decoder.decode(one.value, { stream: true });
        this.#changed();
      }
    } catch (error) {
      this.error = error;
    }
    this.hasEnded = true;
    this.#changed();
  }
}
