/**
 * The headers of every answer.
 *
 * @module
 */

/** What pages may do beyond ours. */
export interface PolicyOptions {
  /** Inline scripts that they may run, by their hashes. @default {none} */
  readonly scripts?: readonly string[];
  /** Whether they may have inline styles. @default {false} */
  readonly hasInlineStyles?: boolean;
}

/** What pages may do. Ours have no inline script and no inline style. */
export function contentSecurityPolicy(
  { scripts = [], hasInlineStyles = false }: PolicyOptions = {},
): string {
  return [
    "default-src 'self'",
    ["script-src 'self'", ...scripts].join(" "),
    "connect-src 'self'",
    "font-src 'self'",
    hasInlineStyles ? "style-src 'self' 'unsafe-inline'" : "style-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

const EVERY: readonly (readonly [string, string])[] = [
  ["content-security-policy", contentSecurityPolicy()],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["strict-transport-security", "max-age=63072000; includeSubDomains"],
  ["referrer-policy", "no-referrer"],
  ["permissions-policy", "geolocation=(), microphone=(), camera=()"],
  ["cross-origin-opener-policy", "same-origin"],
];

/** Sets the headers that every answer has, unless it has its own; answers of the API and metrics are not to be stored. */
export function setHeaders(headers: Headers, path: string): void {
  for (const [name, value] of EVERY) {
    if (!headers.has(name)) headers.set(name, value);
  }
  if (!/^\/(api|auth|metrics)(\/|$)/.test(path)) return;
  headers.set("cache-control", "no-store");
  headers.set("pragma", "no-cache");
}
