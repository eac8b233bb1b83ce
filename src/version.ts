/**
 * The version of this package.
 *
 * @module
 */

/** As in deno.json; a test holds them together. */
export const VERSION = "0.1.0";
