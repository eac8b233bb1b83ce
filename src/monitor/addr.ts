/**
 * Where a monitor is served, as GQM (Go) writes it: `:8080`, `127.0.0.1:8080`, `[::1]:8080`.
 *
 * @module
 */

import { InvalidOptionError } from "../errors.ts";
import { isLoopbackHost } from "./remote.ts";

/** The default, of all addresses of the machine. */
export const DEFAULT_ADDR = ":8080";

/** Where to listen. */
export interface Addr {
  /** Undefined for all addresses of this machine. */
  readonly hostname: string | undefined;
  /** 0 for one that is free. */
  readonly port: number;
}

const ACTION = "serve monitor";
const RULE = "be host and port with a colon between, such as ':8080' or '127.0.0.1:8080'";
const FORM = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9.-]{0,253})):(\d{1,5})$/i;

/**
 * Reads where to listen.
 *
 * @throws {InvalidOptionError} If it is of another form.
 */
export function parseAddr(addr: string): Addr {
  const [, v6, name, digits] = (typeof addr === "string" && FORM.exec(addr)) || [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new InvalidOptionError(ACTION, "addr", RULE, addr);
  }
  const hostname = v6 ?? name!;
  // Which addresses this name has is for others to say; it must be none but this.
  if (hostname.toLowerCase() === "localhost") return { hostname: "127.0.0.1", port };
  return { hostname: hostname === "" ? undefined : hostname, port };
}

/** Writes it, as `parseAddr` reads it. */
export function formatAddr({ hostname = "", port }: Addr): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

/** Whether only this machine can reach it. */
export function isLocal({ hostname }: Addr): boolean {
  return hostname !== undefined && isLoopbackHost(hostname);
}
