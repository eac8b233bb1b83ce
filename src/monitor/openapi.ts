/**
 * The OpenAPI document (3.1) of the table of routes: pure.
 *
 * @module
 */

import type { Access } from "./auth/principal.ts";
import { errorsOf, namedSchemas, statusesOf, topicOf } from "./contract.ts";
import { type ErrorCode, statusOf } from "./errors.ts";
import { STREAM_TYPE } from "./live/sse.ts";
import type { ParamRule, QueryRule } from "./params.ts";
import type { AnswerRule, Route, StreamEvent } from "./route.ts";
import { nameOf, object, oneOf, type Schema, text } from "./schema.ts";

type Json = Readonly<Record<string, unknown>>;

const JSON_TYPE = "application/json";
const CSRF_HEADER = {
  name: "X-GQM-CSRF",
  in: "header",
  description: "Must be 1 with a session; a key in a header needs none",
  schema: { const: "1" },
};

/** Words about each code, for people. */
const MEANINGS: Readonly<Record<ErrorCode, string>> = {
  AUTH_DISABLED: "Nobody logs in here",
  BAD_REQUEST: "A name, a value or the body breaks a rule, which the text says",
  CONFLICT: "It does not go with what is there",
  CSRF_REQUIRED: "A change that another page may have sent",
  FORBIDDEN: "Whoever asks may not do this",
  INTERNAL: "It failed here, or the store did not answer",
  NOT_FOUND: "There is no such thing, or not for whoever asks",
  PAYLOAD_TOO_LARGE: "The body, or a payload in it, is too large",
  RATE_LIMITED: "Too many requests; `Retry-After` says for how many seconds",
  TIMEOUT: "The body did not come in time",
  UNAUTHORIZED: "Whoever asks has not shown who they are",
  UNAVAILABLE: "There is no room for it at the moment; `Retry-After` says for how many seconds",
  UNSUPPORTED_MEDIA_TYPE: "The body is not said to be application/json",
};

/** What a code means, for people. */
export function codeWords(code: ErrorCode): string {
  return MEANINGS[code];
}

/** Makes the document. */
export function openApiDocument(routes: readonly Route[]): Json {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  const topics = [...new Set(routes.map(topicOf))];
  return {
    openapi: "3.1.0",
    info: {
      title: "GQM",
      version: "1",
      summary: "REST API of the job queue GQM",
      description:
        "Answers are JSON; lists and objects stand under `data`, errors are `error`, a " +
        "text for people, and `code`, a word for programs. Jobs, workers and servers have every " +
        "scalar as a text, and leave out what is not set.",
    },
    servers: [{ url: "/" }],
    tags: topics.map((name) => ({ name })),
    paths: Object.fromEntries(
      [...byPath].map(([path, group]) => [
        path,
        Object.fromEntries(group.map((route) => [route.method.toLowerCase(), operation(route)])),
      ]),
    ),
    components: {
      schemas: {
        Error: errorSchema(Object.keys(statusOf)),
        ...Object.fromEntries(
          [...namedSchemas(routes)].map(([name, schema]) => [name, partsReferred(schema)]),
        ),
      },
      securitySchemes: {
        session: {
          type: "apiKey",
          in: "cookie",
          name: "gqm_session",
          description: "What `POST /auth/login` sets",
        },
        key: { type: "apiKey", in: "header", name: "X-API-Key" },
        bearer: { type: "http", scheme: "bearer", description: "An API key" },
      },
    },
  };
}

function operation(route: Route): Json {
  const { summary, description, access } = route;
  const words = [description, accessWords(access)].filter((part) => part !== undefined);
  const parameters = parametersOf(route);
  return {
    operationId: operationId(route),
    tags: [topicOf(route)],
    summary,
    description: words.join("\n\n"),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: contentOf(route.body) } }),
    responses: responsesOf(route),
    security: access === "open" ? [] : securityOf(access),
  };
}

/** Who may use a route, as a sentence. */
export function accessWords(access: Access): string {
  switch (access) {
    case "open":
      return "Open to everyone.";
    case "any":
      return "For everyone who has shown who they are.";
    case "viewer":
      return "For viewers, operators and admins.";
    case "producer":
      return "For producers, operators and admins.";
    case "operator":
      return "For operators and admins.";
    case "admin":
      return "For admins.";
  }
}

function securityOf(access: Access): readonly Json[] {
  return ["session", "key", "bearer"].map((scheme) => ({ [scheme]: [access] }));
}

/** Such as `postQueuesByNamePause`. */
function operationId({ method, path }: Route): string {
  const words = path.replace(/^\/api\/v1/, "").split(/[/\-.]/).filter((word) => word !== "");
  const named = words.map((word) =>
    word.startsWith("{") ? `By${capital(word.slice(1, -1))}` : capital(word)
  );
  return method.toLowerCase() + named.join("").replace(/_(\w)/g, (_, one) => capital(one));
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function parametersOf(route: Route): readonly Json[] {
  const { params = {}, query = {}, headers = {} } = route;
  const one = (place: string) => ([name, rule]: [string, ParamRule | QueryRule]): Json => ({
    name,
    in: place,
    ...(place === "path" ? { required: true } : {}),
    description: rule.description,
    schema: rule.schema,
  });
  return [
    ...Object.entries(params).map(one("path")),
    ...Object.entries(query).map(one("query")),
    ...Object.entries(headers).map(one("header")),
    ...(errorsOf(route).includes("CSRF_REQUIRED") ? [CSRF_HEADER] : []),
  ];
}

function responsesOf(route: Route): Json {
  const fine = statusesOf(route).map((status): [string, Json] => [`${status}`, {
    description: status < 400 ? "Done" : "Not well",
    ...answerContent(route.answer),
  }]);
  const codes = Map.groupBy(errorsOf(route), (code) => statusOf[code]);
  const refused = [...codes].map(([status, group]): [string, Json] => [`${status}`, {
    description: group.map((code) => `\`${code}\`: ${MEANINGS[code]}`).join(". "),
    ...(RETRIED.includes(Number(status)) ? { headers: { "Retry-After": RETRY_AFTER } } : {}),
    content: {
      [JSON_TYPE]: {
        schema: { $ref: "#/components/schemas/Error" },
        examples: Object.fromEntries(
          group.map((code) => [code, { value: { error: MEANINGS[code], code } }]),
        ),
      },
    },
  }]);
  return Object.fromEntries([...refused, ...fine]);
}

function answerContent({ body, events, types }: AnswerRule): Json {
  if (events !== undefined) return { content: { [STREAM_TYPE]: { schema: streamSchema(events) } } };
  return body === undefined ? {} : { content: contentOf(body, types) };
}

/** One event of a stream: its name, and the data, which stand on lines of their own. */
function streamSchema(events: readonly StreamEvent[]): Json {
  return {
    description: "Server-Sent Events. Each is one of these: `event` is its name, `data` is JSON.",
    oneOf: events.map(({ name, description, data }) => ({
      description,
      ...object({ event: { const: name }, data: referred(data) as Schema, "id?": text }),
    })),
  };
}

function contentOf(body: Schema, types: readonly string[] = [JSON_TYPE]): Json {
  return Object.fromEntries(types.map((type) => [type, { schema: referred(body) }]));
}

/** A schema in which those with names are referred to. */
function referred(schema: unknown): unknown {
  const name = nameOf((schema ?? {}) as Schema);
  return name === undefined ? partsReferred(schema) : { $ref: `#/components/schemas/${name}` };
}

function partsReferred(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(referred);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, referred(part)]));
}

/** Statuses that tell when to try again. */
const RETRIED: readonly number[] = [statusOf.RATE_LIMITED, statusOf.UNAVAILABLE];
const RETRY_AFTER = { description: "Seconds", schema: { type: "integer" } };

/** What an error is told as. */
function errorSchema(codes: readonly string[]): Schema {
  return object({ error: text, code: oneOf(...codes) });
}
