/**
 * The version of this package. Written by `deno task gen` from deno.json.
 *
 * @module
 */

/** As in deno.json. */
export const VERSION = "0.1.0";
