/**
 * Claims as text, and names within texts.
 *
 * @module
 */

import type { Holder } from "../../job/job.ts";

/** Parts of a claim: fence, time, server, pool, queue, type. */
const CLAIM = /^(\d+)\|-?\d+[|!*](\d+)\|[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|\d\d(.*)$/s;

/** Who holds a job, by its claim; of one that cannot be read no more than the fence, or 0. */
export function decodeClaim(claim: string, leaseUntil: number): Holder {
  const [, , claimedAt = 0, server = "", pool = ""] = CLAIM.exec(claim) ?? [];
  return {
    fence: fenceOf(claim),
    server: unescapeName(server),
    pool: unescapeName(pool),
    claimedAt: Number(claimedAt),
    leaseUntil,
  };
}

/** The fence of a claim; 0 if it cannot be read. */
export function fenceOf(claim: string): number {
  return Number(/^\d+/.exec(claim)?.[0] ?? 0);
}

/** Queue and type of the job that a claim is on; undefined if it cannot be read. */
export function pairOfClaim(claim: string): { queue: string; type: string } | undefined {
  const [, , , , , queue, type] = CLAIM.exec(claim) ?? [];
  return queue === undefined || type === undefined ? undefined : { queue, type };
}

/** A server's or pool's name with nothing in it that separates fields. */
export function escapeName(name: string): string {
  return name.replace(/[%|\n\r]/g, encodeURIComponent);
}

/** The name that was escaped. */
export function unescapeName(name: string): string {
  return name.includes("%") ? name.replace(/%(25|7C|0A|0D)/g, decodeURIComponent) : name;
}
