/**
 * What failures have in common, as a short text by which they are grouped.
 *
 * @module
 */

import type { Failure } from "../job/job.ts";

/** What stands for a number, an id or a token. */
const VALUE = "#";
/** What stands for a path, a URL or an address. */
const PLACE = "@";

const QUOTED = /"[^"]*(?:"|$)|`[^`]*(?:`|$)|(?<!\w)'[^'\n]*'(?!\w)|“[^“”]*”|‘[^‘’]*’|«[^«»]*»/g;
const URL_TEXT = /[a-z][a-z\d+.-]{0,30}:\/\/[^\s"'`<>()]*[^\s"'`<>().,:;!?]/gi;
/** With the padding of base64, which is no `key=value`. */
const WORD = /[^\s"'`()[\]{}<>,;=|]+(?:={1,2}(?![^\s)\]},;.]))?/g;
const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
const HEX = /(?<![0-9a-z])(?=[a-f]*\d)[0-9a-f]{8,}(?![0-9a-z])/gi;
const NUMBER = /\d+(?:\.\d+)*/g;
/** As `P2002` and `ERR_HTTP2_HEADERS_SENT`: says what went wrong. */
const ERROR_CODE = /^[A-Z]+(?:\d{1,5}|[A-Z\d]*(?:_[A-Z\d]+)+)$/;
const EMAIL = /^[^@]+@[^@.]+\.[^@]+$/;
const PATH = /^(?:~?\/|\.{1,2}\/|[a-z]:[\\/]).|\\.|\/[^/]*\/|\/[^/]*\.\w+$/i;
const TOKEN = /^(?=.*\d)(?=.*[a-z])[\w+/.~-]{20,}$/i;
const LIST = /#(?:[\s,.:;/+-]+#)+/g;

/**
 * The fingerprint of a failure: 16 hexadecimal digits, the same for failures
 * that differ only in what varies, on every runtime and in every process. It is
 * made of
 *
 * - the error's name;
 * - its message, where numbers, lists of them, UUIDs, hexadecimal ids, long tokens,
 *   quoted texts, paths, URLs and e-mail addresses are replaced; codes such as
 *   `P2002` stay;
 * - function and file (neither folder nor line) of the first frame that is code
 *   of the user: none of the runtime, of `node_modules` or of a remote module; if
 *   there is none, of the first frame that has a file.
 *
 * Its cost grows with the length of message and stack, which `failureOf` limits.
 */
export function fingerprint({ name = "", message, stack = "" }: Failure): string {
  return hash(`${name}\n${withoutValues(message)}\n${frameOf(stack)}`);
}

function withoutValues(message: string): string {
  return message.replace(QUOTED, '""').replace(URL_TEXT, PLACE).replace(WORD, withoutValue).replace(
    LIST,
    VALUE,
  )
    .replace(/\s+/g, " ").trim();
}

function withoutValue(word: string): string {
  const bare = word.replace(/[.:!?=…]+$/, "");
  const end = word.slice(bare.length).replace(/^=+/, "");
  if (bare === "" || ERROR_CODE.test(bare)) return word;
  if (EMAIL.test(bare) || PATH.test(bare)) return PLACE + end;
  if (!Number.isNaN(Number(bare)) || TOKEN.test(bare)) return VALUE + end;
  return bare.replace(UUID, VALUE).replace(HEX, VALUE).replace(NUMBER, VALUE) + end;
}

/** `at f (file:1:2)` and `at file:1:2`, with or without `async`; the place says `native` and the like if it has no file. */
const FRAME = /^\s*at (?:async )?(?:(.*?) \((.*)\)|(.*))$/;
const FOREIGN = /^(?:https?|node|ext|bun|native|internal|wasm):|[\\/]node_modules[\\/]/;

interface Frame {
  /** As the engine wrote it, without `at`. */
  readonly text: string;
  readonly called: string;
  readonly file: string;
}

function findFrame(stack: string): Frame | undefined {
  let first: Frame | undefined;
  for (const line of stack.split("\n")) {
    const [, called = "", inside, alone = ""] = FRAME.exec(line) ?? [];
    const place = (inside ?? alone).replace(/(?::\d+){1,2}$/, "").replace(/[?#].*$/, "");
    if (!/[\\/]/.test(place) || place.startsWith("eval at ")) continue;
    const text = line.replace(/^\s*at /, "");
    const frame = { text, called, file: place.replace(/^.*[\\/]/, "") };
    if (!FOREIGN.test(place)) return frame;
    first ??= frame;
  }
  return first;
}

function frameOf(stack: string): string {
  const frame = findFrame(stack);
  return frame === undefined ? "" : `${functionOf(frame.called)}\n${frame.file}`;
}

/**
 * The line of a stack that `fingerprint` looks at, such as `send (file:///app/mail.ts:12:7)`; undefined if there
 * is none.
 */
export function placeOf(stack: string): string | undefined {
  return findFrame(stack)?.text;
}

/** The bare name, as engines differ in what they put around it: `new A`, `Object.f`, `A.f [as g]`. */
function functionOf(called: string): string {
  const name = called.replace(/ \[as .*$/, "").replace(/^.*[. ]/, "");
  return called.endsWith(" code") || name === "<anonymous>" ? "" : name;
}

/** cyrb53 by bryc (public domain), with all 64 bits of its state: quick without `bigint`; no secret. */
function hash(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return hex(b) + hex(a);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
