// @ts-check
/**
 * Who uses the page, and until when.
 */

import { get, request } from "./api.js";
import { me, shared } from "./state.js";

/** Whether the session ended by itself, or was ended elsewhere. */
export const hasEnded = shared(false);

/** Asks who uses the page. */
export async function findOut() {
  const { user } = await get("/auth/session");
  if (user === null) return setNobody();
  hasEnded.set(false);
  // The same one is no change.
  if (JSON.stringify(user) !== JSON.stringify(me.get())) me.set(user);
}

/** Nobody is logged in, or no longer. */
export function setNobody() {
  if (me.get()) hasEnded.set(true);
  me.set(null);
}

/** Ends the session. */
export async function logOut() {
  await request("POST", "/auth/logout");
  me.set(null);
}
