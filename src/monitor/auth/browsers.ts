/**
 * Browsers from which somebody has logged in before. Their tries count by themselves, so that
 * whoever guesses passwords from the same address, such as that of a proxy, locks out nobody else.
 *
 * A browser keeps a cookie that only the server can make, for one user and as long as they have the
 * same password: a mark, and the HMAC of it with the hash of the password. The server keeps nothing.
 *
 * @module
 */

import { randomHex } from "../../runtime/secret.ts";
import { fromHex, hmac, sameDigest, toHex } from "../digest.ts";
import { BROWSER_COOKIE, readCookie } from "./cookies.ts";

const COOKIE = /^([0-9a-f]{32})\.([0-9a-f]{64})$/;
const MARK_BYTES = 16;

/** Makes the value of the cookie for a browser from which a user has just logged in. */
export async function newBrowser(username: string, passwordHash: string): Promise<string> {
  const mark = randomHex(MARK_BYTES);
  return `${mark}.${toHex(await proof(mark, username, passwordHash))}`;
}

/** The mark of a browser from which a user has logged in before; undefined if it shows none. */
export async function knownBrowser(
  request: Request,
  username: string,
  passwordHash: string,
): Promise<string | undefined> {
  const [, mark, shown] = COOKIE.exec(readCookie(request, BROWSER_COOKIE) ?? "") ?? [];
  if (mark === undefined || shown === undefined) return undefined;
  return sameDigest(await proof(mark, username, passwordHash), fromHex(shown)) ? mark : undefined;
}

function proof(mark: string, username: string, passwordHash: string): Promise<Uint8Array> {
  return hmac(passwordHash, `gqm browser\n${mark}\n${username}`);
}
