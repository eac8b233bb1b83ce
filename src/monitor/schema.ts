/**
 * JSON Schema (draft 2020-12) of what the API takes and gives, as plain data: the
 * OpenAPI document, its pages and the contract tests are made of it.
 *
 * @module
 */

const NAME = Symbol("name");

/** A schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** Any text. */
export const text: Schema = { type: "string" };
/** A whole number. */
export const integer: Schema = { type: "integer" };
/** Any number. */
export const number: Schema = { type: "number" };
/** True or false. */
export const boolean: Schema = { type: "boolean" };
/** Any JSON. */
export const any: Schema = {};
/** Always true. */
export const yes: Schema = { const: true };

/** A schema with words about it. */
export function described(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

/**
 * A schema with a name of its own, by which documents tell it once. What is made of a copy of it is
 * another schema, which has no name.
 */
export function named(name: string, schema: Schema): Schema {
  return Object.defineProperty({ ...schema }, NAME, { value: name });
}

/** The name of a schema; undefined if it has none. */
export function nameOf(schema: Schema): string | undefined {
  return (schema as { [NAME]?: string })[NAME];
}

/** One of some texts. */
export function oneOf(...values: readonly string[]): Schema {
  return { type: "string", enum: values };
}

/** Something, or null. */
export function nullable(schema: Schema): Schema {
  return { anyOf: [schema, { type: "null" }] };
}

/** A list. */
export function list(items: Schema): Schema {
  return { type: "array", items };
}

/** An object with these properties and no others; a name that ends in `?` may be absent. */
export function object(properties: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(properties);
  return {
    type: "object",
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name.replace(/\?$/, ""), schema]),
    ),
    required: names.filter((name) => !name.endsWith("?")),
    additionalProperties: false,
  };
}

/** An object whose properties have names of their own. */
export function record(values: Schema): Schema {
  return { type: "object", additionalProperties: values };
}

/** The envelope of an answer. */
export function enveloped(data: Schema): Schema {
  return object({ data });
}

/** The envelope of a page. */
export function paged(item: Schema): Schema {
  const meta = object({ page: integer, limit: integer, total: integer });
  return object({ data: list(item), meta });
}

/** The envelope of a page of a list that is gone through by a cursor. */
export function cursorPaged(item: Schema): Schema {
  return object({ data: list(item), meta: object({ limit: integer, "cursor?": text }) });
}
