/**
 * What all stores say of an attempt whose holder died.
 *
 * @module
 */

/** Why an attempt was lost. */
export function lostMessage(server: string): string {
  return `Lease ended: server '${server}' is presumed dead`;
}
