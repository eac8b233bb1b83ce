/**
 * Whether a change is meant by the page, or program, that sends it, and not slipped in by
 * another page that is open in the same browser.
 *
 * @module
 */

import { ApiError } from "./errors.ts";
import type { Principal } from "./auth/principal.ts";

const HEADER = "x-gqm-csrf";

/**
 * Refuses a change that another page may have sent.
 *
 * A key in a header cannot be sent by another page. With a session, and where nobody logs in, the
 * request must carry `X-GQM-CSRF: 1`, which a page of another origin cannot set; where nobody logs
 * in, a program that sends none of a browser's headers may leave it out, since the terminal
 * client of GQM (Go) does. What a browser says of the origin must be this one. Where it says of which site the
 * page is, that counts: a proxy may have changed the name that was asked for.
 *
 * @throws {ApiError} `CSRF_REQUIRED`.
 */
export function checkCsrf(request: Request, who: Principal): void {
  if (who.by === "key") return;
  const { headers } = request;
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  const isForeign = site === null
    ? origin !== null && !isOwnOrigin(origin, request)
    : site !== "same-origin" && site !== "none";
  if (isForeign) {
    throw new ApiError("CSRF_REQUIRED", "changes must come from a page of this origin");
  }
  const isProgram = who.by === "nothing" && site === null && origin === null;
  if (headers.get(HEADER) === "1" || isProgram) return;
  throw new ApiError("CSRF_REQUIRED", "the header 'X-GQM-CSRF: 1' must be sent with changes");
}

/** Whether an origin is the one that was asked. A proxy may have taken TLS away, so the scheme does not count. */
function isOwnOrigin(origin: string, request: Request): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host } = new URL(origin);
  // Written alike: a port that goes without saying may have been said.
  const asked = `${protocol}//${request.headers.get("host") ?? new URL(request.url).host}`;
  return URL.canParse(asked) && new URL(asked).host === host;
}
