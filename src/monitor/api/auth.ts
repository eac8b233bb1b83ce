/**
 * Logging in and out, and who is logged in.
 *
 * @module
 */

import { addToAudit } from "../audit.ts";
import { type Answer, cursorPage, done, toResponse } from "../answer.ts";
import { type Credentials, ownSession } from "../auth/logins.ts";
import { needAllQueues } from "../auth/principal.ts";
import type { ListedSession } from "../auth/sessions.ts";
import type { Call } from "../call.ts";
import { ApiError, badRequest, notFound } from "../errors.ts";
import { cursorRule, limitRule, type ParamRule } from "../params.ts";
import type { Route } from "../route.ts";
import {
  boolean,
  cursorPaged,
  integer,
  list,
  nullable,
  object,
  oneOf,
  type Schema,
  text,
  yes,
} from "../schema.ts";

const MAX_CREDENTIAL = 256;
const SESSION_ID = /^[0-9a-f]{64}$/;

const credential: Schema = { ...text, minLength: 1, maxLength: MAX_CREDENTIAL };
const sessionParam: ParamRule = {
  description: "Id of the session",
  schema: { ...text, pattern: SESSION_ID.source },
  accepts: (value) => SESSION_ID.test(value),
};
const sessionSchema: Schema = object({
  id: text,
  username: text,
  from: nullable(text),
  started_at_ms: integer,
  ends_at_ms: integer,
  current: boolean,
});

/** Logging in and out, and sessions. */
export const authRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/auth/login",
    access: "open",
    summary: "Begins a session, which a cookie shows from then on",
    description:
      "A user may try five passwords in five minutes from one address; those that were " +
      "right do not count. A browser from which they have logged in before counts by itself.",
    body: object({ username: credential, password: credential }),
    answer: { body: object({ ok: yes, username: text }) },
    errors: ["AUTH_DISABLED", "UNSUPPORTED_MEDIA_TYPE", "RATE_LIMITED", "UNAUTHORIZED"],
    handle: login,
  },
  {
    method: "POST",
    path: "/auth/logout",
    access: "viewer",
    summary: "Ends the session",
    answer: { body: object({ ok: yes }) },
    handle: logout,
  },
  {
    method: "GET",
    path: "/auth/me",
    access: "any",
    summary: "Who asks: the name of a user, `apikey:` and the name of a key, or nothing",
    answer: {
      body: object({ username: text, role: oneOf("viewer", "operator", "admin", "producer") }),
    },
    handle: ({ who }): Promise<Answer> =>
      Promise.resolve({ body: { username: who.name, role: who.role } }),
  },
  {
    method: "GET",
    path: "/auth/session",
    access: "open",
    summary: "Who asks and what there is for them, or that they have to log in",
    description:
      "A page that opens asks this, as `GET /auth/me` refuses whoever has not logged in. `user` is null " +
      "then. `queues` and `types` are null for all; `login` tells whether anybody has to log in.",
    answer: {
      body: object({
        user: nullable(object({
          username: text,
          role: oneOf("viewer", "operator", "admin", "producer"),
          queues: nullable(list(text)),
          types: nullable(list(text)),
        })),
        login: boolean,
      }),
    },
    handle: async (call): Promise<Answer> => ({
      body: { user: await findUser(call), login: call.desk.auth.logins !== undefined },
    }),
  },
  {
    method: "GET",
    path: "/api/v1/sessions",
    access: "admin",
    summary: "Sessions of all users, by their ids, which are no tokens",
    query: { limit: limitRule, cursor: cursorRule },
    answer: { body: cursorPaged(sessionSchema) },
    handle: listSessions,
  },
  {
    method: "DELETE",
    path: "/api/v1/sessions/{id}",
    access: "admin",
    summary: "Ends a session",
    params: { id: sessionParam },
    answer: { status: 204 },
    errors: ["NOT_FOUND"],
    change: "session.end",
    handle: async ({ who, params, desk }): Promise<Answer> => {
      needAllQueues(who);
      const username = await desk.auth.logins?.end(params.id!);
      if (username === undefined) throw notFound("session");
      desk.live.endSession(params.id!);
      return { status: 204, detail: { username } };
    },
  },
];

async function login(call: Call): Promise<Response> {
  const { request, client, desk } = call;
  const { logins } = desk.auth;
  if (logins === undefined) throw new ApiError("AUTH_DISABLED", "nobody has to log in here");
  const { who, cookies } = await logins.login(
    { request, client },
    toCredentials(await call.json()),
  );
  await addToAudit(desk, { action: "auth.login", target: {}, who, client, status: 200 });
  return withCookies(done({ username: who.name }), cookies);
}

async function logout({ request, client, desk, who }: Call): Promise<Response> {
  const cookie = await desk.auth.logins?.logout({ request, client });
  const own = await ownSession(request);
  if (own !== undefined) desk.live.endSession(own);
  // Only a login can be undone, so that nobody fills the audit log with logouts.
  if (who.by === "session") {
    await addToAudit(desk, { action: "auth.logout", target: {}, who, client, status: 200 });
  }
  return withCookies(done({}), cookie === undefined ? [] : [cookie]);
}

async function findUser({ request, client, desk }: Call): Promise<object | null> {
  try {
    const { name, role, queues, types } = await desk.auth.identify({ request, client });
    return { username: name, role, queues: queues && [...queues], types: types && [...types] };
  } catch (error) {
    if (error instanceof ApiError && error.code === "UNAUTHORIZED") return null;
    throw error;
  }
}

async function listSessions({ request, query, who, desk }: Call): Promise<Answer> {
  needAllQueues(who);
  const limit = query.number("limit", limitRule);
  const asked = { limit, cursor: query.get("cursor") };
  const { sessions, cursor } = await desk.auth.logins?.list(asked) ?? { sessions: [] };
  const own = await ownSession(request);
  return cursorPage(sessions.map((session) => toShown(session, own)), { limit, cursor });
}

function toShown({ id, username, from, startedAt, endsAt }: ListedSession, own?: string): object {
  return {
    id,
    username,
    from,
    started_at_ms: startedAt,
    ends_at_ms: endsAt,
    current: id === own,
  };
}

function toCredentials({ username, password }: Readonly<Record<string, unknown>>): Credentials {
  if (isCredential(username) && isCredential(password)) return { username, password };
  throw badRequest(`username and password must be texts of 1 to ${MAX_CREDENTIAL} characters`);
}

function isCredential(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_CREDENTIAL;
}

function withCookies(answer: Answer, cookies: readonly string[]): Response {
  const response = toResponse(answer);
  for (const cookie of cookies) response.headers.append("set-cookie", cookie);
  return response;
}
