/** The jobs of the bench: ten kinds, UUIDv7 ids, a payload of about 100 bytes. */

import type { ClaimRequest, NewJob } from "../../src/store/store.ts";
import { uuidv7Generator } from "../../src/job/id.ts";

/** Queues and types of all jobs: ten pairs. */
export const QUEUES: readonly string[] = ["mail", "reports"];
export const TYPES: readonly string[] = ["send", "render", "index", "notify", "sync"];

const PAYLOAD = JSON.stringify({ to: "ada@example.com", subject: "x".repeat(60) });
const newId = uuidv7Generator(() => Date.now());
let next = 0;

/** Jobs of all kinds in turn. */
export function jobs(count: number, fields: Partial<NewJob> = {}): NewJob[] {
  return Array.from({ length: count }, () => {
    const i = next++;
    return {
      id: newId(),
      type: TYPES[i % TYPES.length]!,
      queue: QUEUES[i % QUEUES.length]!,
      priority: 0,
      payload: PAYLOAD,
      settings: {},
      ...fields,
    };
  });
}

/** A claim of jobs of any kind by a server of the bench. */
export function claimOf(limit: number): ClaimRequest {
  return {
    server: "bench",
    pool: "bench",
    sources: [{ queue: null, types: TYPES, share: limit }],
    limit,
    leaseMs: 3_600_000,
  };
}
