/** A mail as it goes over the wire: RFC 5322, with everything beyond ASCII encoded. */

import { Buffer } from "node:buffer";
import type { Mail } from "./jobs.ts";

const LINE = 76;

/** @param id What stands before the `@` of the message's id. */
export function messageOf(mail: Mail, from: string, id: string, sentAt: Date): string {
  return [
    `From: ${address(from)}`,
    `To: ${address(mail.to)}`,
    `Subject: ${encodedWord(mail.subject)}`,
    `Date: ${sentAt.toUTCString().replace("GMT", "+0000")}`,
    // The same for every attempt: whoever gets a mail twice can tell.
    `Message-ID: <${id}@shop.example>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    ...base64Lines(mail.text),
    "",
  ].join("\r\n");
}

/**
 * Refuses what would end the header line, or the command, that it is put into.
 *
 * @throws {RangeError} If it is no plain address.
 */
export function address(text: string): string {
  if (/^[\x21-\x7e]+@[\x21-\x7e]+$/.test(text) && !/[<>]/.test(text)) return text;
  throw new RangeError(
    `Cannot address mail as 'to' must be a mail address: ${JSON.stringify(text)}`,
  );
}

function encodedWord(text: string): string {
  // ASCII without line breaks stays as it is; all else goes in encoded words, which are short.
  if (/^[\x20-\x7e]{0,60}$/.test(text)) return text;
  const words: string[] = [];
  let word = "";
  for (const char of text) {
    if (base64(word + char).length > 52) [words[words.length], word] = [word, ""];
    word += char;
  }
  return [...words, word].map((part) => `=?utf-8?B?${base64(part)}?=`).join("\r\n ");
}

function base64Lines(text: string): string[] {
  return base64(text).match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
