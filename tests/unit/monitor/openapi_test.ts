/** The OpenAPI document: valid by a public validator, complete by the table of routes. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { errorsOf, namedSchemas, statusesOf } from "../../../src/monitor/contract.ts";
import { statusOf } from "../../../src/monitor/errors.ts";
import { openApiDocument } from "../../../src/monitor/openapi.ts";
import type { Route } from "../../../src/monitor/route.ts";
import { routes } from "../../../src/monitor/routes.ts";
import { list, named, object, type Schema, text } from "../../../src/monitor/schema.ts";
import { assertMatches } from "../../support/json_schema.ts";
import { hasOpenApiValidator, validateOpenApi } from "../../../tools/test/openapi_validator.ts";

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
  readonly security: readonly object[];
}

type Document = Readonly<Record<string, Readonly<Record<string, Record<string, Operation>>>>>;

// Written as it is sent, so that nothing but JSON counts.
const document: Document = JSON.parse(JSON.stringify(openApiDocument(routes)));
const hasValidator = await hasOpenApiValidator();

Deno.test({
  name: "openapi.json passes a public validator" +
    (hasValidator ? "" : ": run deno run -A tools/test/openapi_validator.ts"),
  ignore: !hasValidator,
  fn: async () => {
    const { valid, errors, version } = await validateOpenApi(document);
    assert(valid, JSON.stringify(errors, null, 2));
    assertEquals(version, "3.1");
    const wrong = { ...document, paths: { "/health": { get: { responses: 200 } } } };
    assert(!(await validateOpenApi(wrong)).valid, "the validator lets everything pass");
  },
});

Deno.test("openapi.json has each route with its parameters, statuses and security", () => {
  const told = Object.entries(document.paths!).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  );
  assertEquals(told.sort(), routes.map(({ method, path }) => `${method} ${path}`).sort());
  for (const route of routes) {
    const one = document.paths![route.path]![route.method.toLowerCase()]!;
    const { params = {}, query = {}, headers = {} } = route;
    const names = [...Object.keys(params), ...Object.keys(query), ...Object.keys(headers)];
    const csrf = errorsOf(route).includes("CSRF_REQUIRED") ? ["X-GQM-CSRF"] : [];
    assertEquals((one.parameters ?? []).map(({ name }) => name), [...names, ...csrf]);
    assertEquals(one.requestBody === undefined, route.body === undefined);
    assertEquals(one.security.length === 0, route.access === "open");
    const statuses = [...statusesOf(route), ...errorsOf(route).map((code) => statusOf[code])];
    assertEquals(
      Object.keys(one.responses),
      [...new Set(statuses)].sort().map(String),
      `${route.method} ${route.path}`,
    );
  }
});

Deno.test("openapi.json names each operation once", () => {
  const ids = Object.values(document.paths!).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId)
  );
  assertEquals(new Set(ids).size, ids.length);
  for (const id of ids) assert(/^[a-z][a-zA-Z0-9]*$/.test(id), id);
});

Deno.test("openapi.json tells a body with a name once, and its examples are as it says", () => {
  const told = JSON.stringify(document);
  const schemas = namedSchemas(routes);
  assert(schemas.size > 3);
  for (const [name, schema] of schemas) {
    assert(told.includes(`"$ref":"#/components/schemas/${name}"`), name);
    for (const example of (schema.examples ?? []) as readonly unknown[]) {
      assertMatches(schema, example, name);
    }
  }
});

Deno.test("two bodies of one name are refused; a copy has none", () => {
  const one = named("One", object({ a: text }));
  const route = (body: Schema): Route => ({ ...routes[0]!, answer: { body } });
  assertEquals([...namedSchemas([route(one), route(list(one))])], [["One", one]]);
  assertEquals(namedSchemas([route({ ...one })]).size, 0);
  const other = named("One", object({ b: text }));
  assertThrows(() => namedSchemas([route(one), route(other)]), TypeError, "'One'");
});
