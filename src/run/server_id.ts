/**
 * Names for those who claim.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import { uuidv7Generator } from "../job/id.ts";
import { hostName, processId } from "../runtime/host.ts";

/** Makes a name that no other holder has: machine, process and a random end. */
export function newServerId(): string {
  return `${hostName()}-${processId()}-${uuidv7Generator(systemClock.now)().slice(-8)}`;
}
