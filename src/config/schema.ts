/**
 * The JSON Schema of a configuration file, made of the table that files are checked by.
 *
 * @module
 */

import type { Node, NumberNode, SectionNode, TextNode } from "./node.ts";
import { table } from "./table/table.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Stands for a value that comes from the environment. */
const VARIABLE: Schema = { $ref: "#/definitions/variable" };

/**
 * The JSON Schema (draft 7) of `gqm.yaml`, by which editors complete and check it. It has the keys
 * and the kinds of their values; rules between keys are checked by `loadConfig` alone.
 *
 * @example
 * ```ts
 * import { configSchema } from "@gqm/gqm/config";
 * import { equal } from "node:assert/strict";
 *
 * equal(configSchema().title, "gqm.yaml");
 * ```
 */
export function configSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "gqm.yaml",
    ...schemaOf(table),
    definitions: {
      variable: {
        type: "string",
        pattern: "\\$\\{[^}]+\\}",
        description: "A variable of the environment: ${NAME} or ${NAME:-default}",
      },
    },
  };
}

/** The description that a key has in editors. */
function wordsOf({ about, unset, ignored }: Node): string {
  const plain = (text: string): string => text.replaceAll("`", "");
  const effect = ignored === undefined ? "" : ` Has no effect: ${plain(ignored)}.`;
  return `${plain(about)}.${unset === undefined ? "" : ` Default: ${plain(unset)}.`}${effect}`;
}

function schemaOf(node: Node): Schema {
  const description = wordsOf(node);
  switch (node.kind) {
    case "text":
      return { description, ...textSchema(node) };
    case "number":
      return { description, ...orVariable(numberSchema(node)) };
    case "flag":
      return { description, ...orVariable({ type: "boolean" }) };
    case "list": {
      const least = node.min === undefined ? {} : { minItems: node.min };
      return { description, type: kinds("array", node), items: schemaOf(node.items), ...least };
    }
    case "section":
      return { description, ...sectionSchema(node) };
    case "texts":
      return { description, type: kinds("object", node), additionalProperties: { type: "string" } };
    case "either":
      return { description, anyOf: [schemaOf(node.a), schemaOf(node.b)] };
    default:
      return node satisfies never;
  }
}

function textSchema(node: TextNode): Schema {
  const { oneOf, anyCase, required } = node;
  if (oneOf === undefined) return { type: kinds("string", node), ...required && { minLength: 1 } };
  if (anyCase !== true) return orVariable({ enum: oneOf });
  const other = oneOf.map((one) =>
    one.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
  );
  // `enum` for editors, the pattern for those who write in capitals.
  return {
    anyOf: [{ enum: oneOf }, { type: "string", pattern: `^(?:${other.join("|")})$` }, VARIABLE],
  };
}

function numberSchema({ fraction, min, max }: NumberNode): Schema {
  return {
    type: fraction ? "number" : "integer",
    ...min !== undefined && { minimum: min },
    ...max !== undefined && { maximum: max },
  };
}

function sectionSchema(node: SectionNode): Schema {
  const keys = Object.entries(node.keys);
  const required = keys.filter(([, child]) => child.required).map(([key]) => key);
  return {
    type: kinds("object", node),
    properties: Object.fromEntries(keys.map(([key, child]) => [key, schemaOf(child)])),
    ...required.length > 0 && { required },
    additionalProperties: false,
  };
}

/** A key may stand there without a value, unless it is needed. */
function kinds(type: string, { required }: Node): string | readonly string[] {
  return required ? type : [type, "null"];
}

function orVariable(schema: Schema): Schema {
  return { anyOf: [schema, { type: "null" }, VARIABLE] };
}
