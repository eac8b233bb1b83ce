/** The Redis protocol, versions 2 and 3, as far as tests need it. Runs on Deno, Bun and Node. */

/** A value of a reply; `push` marks what came without being asked for. */
export type RespValue = null | boolean | number | string | RespError | RespValue[];

/** An error that Redis answered with. */
export class RespError extends Error {
  override readonly name = "RespError";
}

const [CR, LF] = [13, 10];
const FIRST_CAPACITY = 4096;
const BULKS = "$!=";
const AGGREGATES = "*~>";
const decoder = new TextDecoder();

/**
 * Cuts a stream into whole top-level values, whatever the pieces that it comes in. A line that
 * starts with no type, as a person types it, is a value too.
 */
export class RespSplitter {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #length = 0;
  /** Where the value starts that is being read, and how far it has been read. */
  #start = 0;
  #at = 0;
  /** How many parts of it are still to come. */
  #parts = 1;

  /** Takes the next piece and returns the values that are whole by now, each with all its bytes. */
  push(piece: Uint8Array): Uint8Array[] {
    this.#append(piece);
    const whole: Uint8Array[] = [];
    while (this.#readPart()) {
      if (this.#parts > 0) continue;
      whole.push(this.#bytes.slice(this.#start, this.#at));
      this.#start = this.#at;
      this.#parts = 1;
    }
    return whole;
  }

  /** Reads a line, and the bytes that it announces; false if not all of that is there. */
  #readPart(): boolean {
    const end = endOfLine(this.#bytes, this.#at, this.#length);
    if (end === -1) return false;
    const type = String.fromCharCode(this.#bytes[this.#at] ?? 0);
    const count = Number(decoder.decode(this.#bytes.subarray(this.#at + 1, end)));
    let next = end + 2;
    let parts = -1;
    if (BULKS.includes(type)) next += count < 0 ? 0 : count + 2;
    else if (AGGREGATES.includes(type)) parts += Math.max(0, count);
    else if (type === "%") parts += 2 * count;
    else if (type === "|") parts += 2 * count + 1; // attributes stand before the value itself
    if (next > this.#length) return false;
    this.#at = next;
    this.#parts += parts;
    return true;
  }

  #append(piece: Uint8Array): void {
    const used = this.#length - this.#start;
    if (this.#length + piece.length > this.#bytes.length) {
      let capacity = this.#bytes.length;
      while (capacity < used + piece.length) capacity *= 2;
      const old = this.#bytes.subarray(this.#start, this.#length);
      const bytes = new Uint8Array(capacity);
      bytes.set(old);
      this.#bytes = bytes;
      this.#at -= this.#start;
      this.#start = 0;
      this.#length = used;
    }
    this.#bytes.set(piece, this.#length);
    this.#length += piece.length;
  }
}

/** Writes a command as Redis reads it. */
export function encodeCommand(words: readonly (string | Uint8Array)[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [encoder.encode(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = typeof word === "string" ? encoder.encode(word) : word;
    parts.push(encoder.encode(`$${bytes.length}\r\n`), bytes, encoder.encode("\r\n"));
  }
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Reads one whole value; what is no text in it is lost, maps become lists. */
export function decodeValue(bytes: Uint8Array): RespValue {
  let at = 0;
  const read = (): RespValue => {
    const end = endOfLine(bytes, at, bytes.length);
    const type = String.fromCharCode(bytes[at] ?? 0);
    const line = decoder.decode(bytes.subarray(at + 1, end));
    at = end + 2;
    const list = (count: number): RespValue[] => Array.from({ length: count }, read);
    if (BULKS.includes(type)) {
      if (line === "-1") return null;
      const text = decoder.decode(bytes.subarray(at, at + Number(line)));
      at += Number(line) + 2;
      if (type === "!") return new RespError(text);
      return type === "=" ? text.slice("txt:".length) : text;
    }
    if (AGGREGATES.includes(type)) return line === "-1" ? null : list(Number(line));
    if (type === "%") return list(2 * Number(line));
    if (type === "|") {
      list(2 * Number(line));
      return read();
    }
    if (type === ":" || type === ",") return Number(line.replace("inf", "Infinity"));
    if (type === "-") return new RespError(line);
    if (type === "#") return line === "t";
    return type === "_" ? null : line;
  };
  return read();
}

/** The words of a command, written as a list or typed in one line. */
export function wordsOf(bytes: Uint8Array): string[] {
  if (String.fromCharCode(bytes[0] ?? 0) !== "*") return decoder.decode(bytes).trim().split(/\s+/);
  const value = decodeValue(bytes);
  return Array.isArray(value) ? value.map(String) : [];
}

function endOfLine(bytes: Uint8Array, from: number, length: number): number {
  for (let at = bytes.indexOf(CR, from); at !== -1; at = bytes.indexOf(CR, at + 1)) {
    if (at + 1 >= length) return -1;
    if (bytes[at + 1] === LF) return at;
  }
  return -1;
}
