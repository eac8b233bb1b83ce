/**
 * The circuit of each endpoint. After some failures in a row its queue is paused, for all servers of the store, and
 * a job is enqueued that resumes it later: so neither is lost with this process. Failures are counted by process.
 */

import type { Client } from "../../../mod.ts";
import { type Endpoint, queueOf } from "./endpoints.ts";
import type { jobs } from "./jobs.ts";

/** When circuits open, and for how long. */
export interface CircuitOptions {
  /** Failures in a row that open it. */
  readonly threshold: number;
  /** How long it stays open. */
  readonly openMs: number;
  /** Told of each change. */
  readonly onChange: (endpoint: Endpoint, state: "open" | "half open" | "closed") => void;
}

/** The circuits of all endpoints. */
export class Circuits {
  readonly #client: Client<typeof jobs>;
  readonly #options: CircuitOptions;
  readonly #failures = new Map<string, number>();

  constructor(client: Client<typeof jobs>, options: CircuitOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** A delivery arrived: all is well. */
  closed(endpoint: Endpoint): void {
    const failures = this.#failures.get(endpoint.id) ?? 0;
    this.#failures.delete(endpoint.id);
    if (failures >= this.#options.threshold - 1) this.#options.onChange(endpoint, "closed");
  }

  /** A delivery failed. Gives true if that opened the circuit. */
  async failed(endpoint: Endpoint): Promise<boolean> {
    const failures = (this.#failures.get(endpoint.id) ?? 0) + 1;
    this.#failures.set(endpoint.id, failures);
    if (failures < this.#options.threshold) return false;
    // The job comes first: a pause that nobody is going to end would be worse than none.
    await this.#client.enqueue("webhook.resume", { endpoint: endpoint.id }, {
      queue: "webhooks",
      delayMs: this.#options.openMs,
      unique: { key: endpoint.id, until: "started" },
      onConflict: "existing",
    });
    await this.#client.control.pause({ queue: queueOf(endpoint) });
    this.#options.onChange(endpoint, "open");
    return true;
  }

  /** Lets deliveries go on, half open: as long as none has arrived, one more failure opens it again. */
  async resume(endpoint: Endpoint): Promise<void> {
    this.#failures.set(endpoint.id, this.#options.threshold - 1);
    this.#options.onChange(endpoint, "half open");
    await this.#client.control.resume({ queue: queueOf(endpoint) });
  }
}
