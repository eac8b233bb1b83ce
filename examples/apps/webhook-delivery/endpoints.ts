/** Who gets webhooks. As a rule this is a table of yours; the secrets stay there and never go into a job. */

/** A customer's endpoint. */
export interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
  /** False once it answered 410 Gone. */
  isActive: boolean;
}

/** Each endpoint has a queue of its own, so it can be paused, counted and retried alone. */
export function queueOf(endpoint: Endpoint): string {
  return `webhooks:${endpoint.id}`;
}

/** Endpoints below a URL, each with a secret of its own. */
export function endpointsAt(url: string, ids: readonly string[]): Map<string, Endpoint> {
  return new Map(ids.map((id) => [id, {
    id,
    url: `${url}/${id}`,
    secret: `secret-of-${id}`,
    isActive: true,
  }]));
}
