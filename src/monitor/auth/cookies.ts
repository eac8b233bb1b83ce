/**
 * The cookies of a login.
 *
 * @module
 */

/** Holds the token of a session. */
export const SESSION_COOKIE = "gqm_session";
/** Shows that somebody has logged in from this browser before. */
export const BROWSER_COOKIE = "gqm_browser";

/** How long, for whom and over what a cookie is kept and sent. */
export interface CookieOptions {
  /** Seconds from now; 0 takes the cookie away. */
  readonly maxAgeS: number;
  /** Whether it is sent over TLS alone. */
  readonly secure: boolean;
  /**
   * Whether it is sent to the paths beside that of the answer alone, and not to all. The browser knows what stands
   * in front of them where a proxy serves us below a path of its own.
   */
  readonly isLocal?: boolean;
}

/**
 * The value of a cookie. Where a request has several of the name there is none: which of them is
 * ours, and which was put there by a page of a neighbouring host, cannot be told.
 */
export function readCookie({ headers }: Request, name: string): string | undefined {
  const values = (headers.get("cookie") ?? "").split(";").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at >= 0 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : [];
  });
  return values.length === 1 ? values[0] : undefined;
}

/** A cookie as `Set-Cookie` has it. No script can read it. */
export function writeCookie(name: string, value: string, options: CookieOptions): string {
  const { maxAgeS, secure, isLocal = false } = options;
  const site = secure ? "Secure; SameSite=Strict" : "SameSite=Lax";
  return `${name}=${value};${isLocal ? "" : " Path=/;"} Max-Age=${maxAgeS}; HttpOnly; ${site}`;
}

/**
 * Whether a request came over TLS, as far as can be told.
 *
 * @param proxies How many proxies are believed.
 */
export function cameOverTls(request: Request, proxies: number): boolean {
  if (new URL(request.url).protocol === "https:") return true;
  const told = request.headers.get("x-forwarded-proto")?.split(",", 1)[0];
  return proxies > 0 && told?.trim().toLowerCase() === "https";
}
