// @ts-check
/**
 * All requests of the dashboard.
 */

/** The API did not do what was asked of it. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 if there was no answer.
   * @param {string} code
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }
}

/** The path under which the monitor is: a proxy may serve it below a path of its own. */
export const base = (() => {
  const own = `${document.documentElement.dataset.prefix}/`;
  const at = location.pathname.lastIndexOf(own);
  return at < 0 ? "" : location.pathname.slice(0, at);
})();

/** Told of each request that failed, by its status. */
let onFailure = (/** @type {number} */ _status) => {};

/** @param {(status: number) => void} listener */
export function setFailureListener(listener) {
  onFailure = listener;
}
/** What is read comes within this time, in milliseconds, or the monitor does not answer. */
const PATIENCE_MS = 30_000;
const AWAY = "The monitor does not answer";
/** What tells by itself what its failures mean. */
const OWN = ["/auth/login", "/health"];

/**
 * The URL of a path of the API.
 *
 * @param {string} path Such as `/api/v1/queues`.
 * @param {Readonly<Record<string, unknown>>} [query] What is undefined, null or "" is left out; lists are joined by commas.
 */
export function urlOf(path, query = {}) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "") continue;
    if (Array.isArray(value) && value.length === 0) continue;
    params.set(name, Array.isArray(value) ? value.join(",") : String(value));
  }
  return `${base}${path}${params.size === 0 ? "" : `?${params}`}`;
}

/**
 * @typedef {object} RequestOptions
 * @property {Readonly<Record<string, unknown>>} [query]
 * @property {unknown} [body] Sent as JSON.
 * @property {AbortSignal} [signal]
 * @property {Readonly<Record<string, string>>} [headers]
 */

/**
 * Asks the API.
 *
 * @param {"GET" | "POST" | "PUT" | "DELETE"} method
 * @param {string} path
 * @param {RequestOptions} [options]
 * @returns {Promise<any>} The whole answer.
 * @throws {ApiError}
 */
export async function request(method, path, { query, body, signal, headers = {} } = {}) {
  /** @param {number} status @param {string} code @param {string} message */
  const failed = (status, code, message) => {
    if (!OWN.includes(path)) onFailure(status);
    return new ApiError(status, code, message);
  };
  let response;
  try {
    response = await fetch(urlOf(path, query), {
      method,
      signal: method === "GET"
        ? AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ...signal ? [signal] : []])
        : signal,
      credentials: "same-origin",
      headers: {
        accept: "application/json",
        ...(method === "GET" ? {} : { "x-gqm-csrf": "1" }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw failed(0, "OFFLINE", AWAY);
  }
  const answer = await response.json().catch(() => null);
  signal?.throwIfAborted();
  // The end of it never came.
  if (answer === null && method === "GET" && response.ok) throw failed(0, "OFFLINE", AWAY);
  if (response.ok) return answer;
  const { error = `The monitor answered ${response.status}`, code = "UNKNOWN" } = answer ?? {};
  throw failed(response.status, code, error);
}

/**
 * Reads what the API tells.
 *
 * @param {string} path
 * @param {Readonly<Record<string, unknown>>} [query]
 * @param {AbortSignal} [signal]
 */
export function get(path, query, signal) {
  return request("GET", path, { query, signal });
}

/**
 * Reads all of a list that comes in pages, or its first 2000 items.
 *
 * @param {string} path
 * @param {Readonly<Record<string, unknown>>} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any[]>}
 */
export async function getAll(path, query, signal) {
  const items = [];
  /** @type {string | undefined} */
  let cursor;
  do {
    const { data, meta } = await get(path, { ...query, limit: 100, cursor }, signal);
    items.push(...data);
    cursor = meta.cursor;
  } while (cursor !== undefined && items.length < 2000);
  return items;
}

/** A part of a path that may hold any character. @param {string} name */
export function part(name) {
  return encodeURIComponent(name);
}
