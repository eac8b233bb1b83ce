/**
 * Answers: what a route gives, and the response that it becomes.
 *
 * @module
 */

import type { ApiError } from "./errors.ts";

/** What a route answers. */
export interface Answer {
  /** @default {200} */
  readonly status?: number;
  /** Written as JSON; absent for an answer without a body. */
  readonly body?: unknown;
  /** Headers besides those of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Told in the audit log beside the target: what came of it. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Which part of a list an answer holds. */
export interface PageMeta {
  /** From 1. */
  readonly page: number;
  /** Most items of a page. */
  readonly limit: number;
  /** All items of the list. */
  readonly total: number;
}

/** Which part of a list an answer holds that is gone through by a cursor. */
export interface CursorMeta {
  /** Most items of a page. */
  readonly limit: number;
  /** What asks for the next page. */
  readonly cursor?: string;
}

/** An answer in the envelope. */
export function data(value: unknown): Answer {
  return { body: { data: value } };
}

/** A page of a list. */
export function page(items: readonly unknown[], meta: PageMeta): Answer {
  return { body: { data: items, meta } };
}

/** A page of a list that is gone through by a cursor, which is absent on the last page. */
export function cursorPage(items: readonly unknown[], meta: CursorMeta): Answer {
  return { body: { data: items, meta } };
}

/** That something was done. */
export function done(
  fields: Readonly<Record<string, unknown>>,
  both?: Readonly<Record<string, unknown>>,
): Answer {
  // Clients of GQM (Go) read some fields at the top, and its page reads them under `data`.
  return { body: { ok: true, ...fields, ...both, ...both && { data: both } } };
}

/** The answer of an error. */
export function errorAnswer(error: ApiError): Answer {
  return {
    status: error.status,
    body: { error: error.message, code: error.code },
    headers: error.headers,
  };
}

/** Makes a response of an answer. */
export function toResponse({ status = 200, body, headers }: Answer): Response {
  if (body === undefined) return new Response(null, { status, headers });
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** An answer in plain words. */
export function plainResponse(
  status: number,
  words: string,
  headers?: Readonly<Record<string, string>>,
): Response {
  return new Response(`${words}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}
