/**
 * Why a monitor is not served.
 *
 * @module
 */

import { GqmError } from "../errors.ts";

/** What must hold, by what the platform calls the failure. */
const RULES: Readonly<Record<string, string>> = {
  EADDRINUSE: "nobody else may listen there",
  EACCES: "this process must be allowed to listen there",
  PermissionDenied: "this process must be allowed to listen there",
  NotCapable: "this process must be allowed to listen there",
  EADDRNOTAVAIL: "it must be an address of this machine",
  ENOTFOUND: "it must be an address of this machine",
};

/** The monitor cannot listen where it was told to. */
export class ServeError extends GqmError {
  /** Name of the class. */
  override readonly name: string = "ServeError";
  /** Stable name of this error, for code to branch on. */
  readonly code: string = "SERVE";
  /** Where it was told to listen. */
  readonly addr: string;

  /**
   * Makes the error.
   *
   * @param addr Where it was told to listen.
   * @param cause What the platform says.
   */
  constructor(addr: string, cause: unknown) {
    const { code, name, message } = cause as Partial<Error> & { readonly code?: string };
    const rule = RULES[code ?? ""] ?? RULES[name ?? ""] ?? "the system must let it listen there";
    super(`Cannot serve monitor at '${addr}' as ${rule}: current error is '${message}'`);
    this.addr = addr;
    this.cause = cause;
  }
}
