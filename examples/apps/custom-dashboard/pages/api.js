// @ts-check
/** The monitor's API, as this page needs it. Paths are relative, so it may stand below any path of a proxy. */

const root = new URL("../", document.baseURI);

/** What the API refused. */
export class ApiError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * Reads, or with a method changes.
 *
 * @param {string} path Such as `api/v1/queues`.
 * @param {{ method?: string, body?: unknown }} [options]
 * @returns {Promise<any>}
 */
export async function ask(path, { method = "GET", body } = {}) {
  const response = await fetch(new URL(path, root), {
    method,
    headers: {
      // Only a page of this origin can set this header: no other one changes anything.
      ...method === "GET" ? {} : { "x-gqm-csrf": "1" },
      ...body === undefined ? {} : { "content-type": "application/json" },
    },
    ...body === undefined ? {} : { body: JSON.stringify(body) },
  });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new ApiError(response.status, answer.error);
  return answer;
}

/**
 * Hears what happens. The browser comes back by itself when the stream ends, and goes on where it was.
 *
 * @param {Record<string, (data: any) => void>} listeners By the name of the event.
 * @returns {EventSource}
 */
export function listen(listeners) {
  const source = new EventSource(new URL("api/v1/events?events=counts,jobs", root));
  for (const [name, heard] of Object.entries(listeners)) {
    source.addEventListener(name, (event) => heard(JSON.parse(event.data)));
  }
  return source;
}
