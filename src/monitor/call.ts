/**
 * One call of a route: what was asked, by whom, and what it may be answered from.
 *
 * @module
 */

import type { JobRecord } from "../job/job.ts";
import { type Principal, sees } from "./auth/principal.ts";
import { type BodyOptions, readJson } from "./body.ts";
import { problemIn } from "./check_schema.ts";
import type { Desk } from "./desk.ts";
import { badRequest, notFound } from "./errors.ts";
import type { Query } from "./params.ts";
import type { Schema } from "./schema.ts";

/** What a call is made of. */
export interface CallParts {
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly who: Principal;
  readonly client: string | undefined;
  readonly closing?: AbortSignal | undefined;
  readonly desk: Desk;
}

/** One call of a route. */
export class Call {
  /** The request; its body is read by `json`. */
  readonly request: Request;
  /** The segments in braces, which keep their rules. */
  readonly params: Readonly<Record<string, string>>;
  /** The query. */
  readonly query: Query;
  /** Who asks. */
  readonly who: Principal;
  /** Address of the client, as far as it is known. */
  readonly client: string | undefined;
  /** Aborts when the server closes that brought the request; undefined if it does not tell. */
  readonly closing: AbortSignal | undefined;
  /** What answers are made from. */
  readonly desk: Desk;

  /** @param parts What it is made of. */
  constructor(parts: CallParts) {
    this.request = parts.request;
    this.params = parts.params;
    this.query = parts.query;
    this.who = parts.who;
    this.client = parts.client;
    this.closing = parts.closing;
    this.desk = parts.desk;
  }

  /**
   * Reads the body: a JSON object.
   *
   * @param options `maxBytes`: its largest size, if it is not 1 MiB.
   * @throws {ApiError} If it is something else, too large or too slow.
   */
  json(options?: Pick<BodyOptions, "maxBytes">): Promise<Readonly<Record<string, unknown>>> {
    return readJson(this.request, { clock: this.desk.clock, ...options });
  }

  /**
   * Reads the body: a JSON object that is as a schema says.
   *
   * @throws {ApiError} As `json` does, and if it is not.
   */
  async body(
    schema: Schema,
    options?: Pick<BodyOptions, "maxBytes">,
  ): Promise<Readonly<Record<string, unknown>>> {
    const body = await this.json(options);
    const problem = problemIn(schema, body, "");
    if (problem !== undefined) throw badRequest(problem);
    return body;
  }

  /** Whether there is such a queue for whoever asks. */
  sees(queue: string): boolean {
    return sees(this.who, queue);
  }

  /**
   * The queue of the path.
   *
   * @throws {ApiError} `NOT_FOUND` if there is none for whoever asks, whether or not others have it.
   */
  queue(): string {
    const name = this.params.name!;
    if (this.sees(name)) return name;
    throw notFound("queue");
  }

  /**
   * Reads the job of the path.
   *
   * @throws {ApiError} `NOT_FOUND` if there is none for whoever asks.
   */
  async job(): Promise<JobRecord> {
    const [job] = await (await this.desk.store()).getJobs([this.params.id!]);
    if (job === null || job === undefined || !this.sees(job.queue)) throw notFound("job");
    return job;
  }
}
