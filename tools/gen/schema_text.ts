/** Writes a JSON Schema in the short way in which types are written. */

import { nameOf, type Schema } from "../../src/monitor/schema.ts";

/** Longest line of an object that stands on one. */
const WIDTH = 80;

/** A schema as text, such as `{ name: string, ready: integer }`; its name, if it has one. */
export function schemaText(schema: Schema, indent = ""): string {
  return nameOf(schema) ?? shapeText(schema, indent);
}

/** A schema as text, whether or not it has a name. */
export function shapeText(schema: Schema, indent = ""): string {
  const { type, anyOf, items } = schema as {
    type?: string;
    anyOf?: readonly Schema[];
    items?: Schema;
  };
  if ("const" in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (anyOf !== undefined) return anyOf.map((one) => schemaText(one, indent)).join(" | ");
  if (type === "array") return listText(items ?? {}, indent);
  if (type === "object") return objectText(schema, indent);
  return type === undefined ? "any" : type + bounds(schema);
}

function listText(items: Schema, indent: string): string {
  const item = schemaText(items, indent);
  const isOneWord = nameOf(items) !== undefined ||
    !("anyOf" in items || "enum" in items || bounds(items));
  return isOneWord ? `${item}[]` : `(${item})[]`;
}

function objectText(schema: Schema, indent: string): string {
  const { properties = {}, required = [], additionalProperties } = schema as {
    properties?: Readonly<Record<string, Schema>>;
    required?: readonly string[];
    additionalProperties?: boolean | Schema;
  };
  const deeper = `${indent}  `;
  const parts = Object.entries(properties).map(([name, one]) => {
    const value = schemaText(one, deeper) + defaultText(one);
    const words = typeof one.description === "string" ? ` // ${one.description}` : "";
    return { text: `${name}${required.includes(name) ? "" : "?"}: ${value}`, words };
  });
  if (typeof additionalProperties === "object") {
    parts.push({ text: `[name]: ${schemaText(additionalProperties, deeper)}`, words: "" });
  }
  const short = `{ ${parts.map(({ text }) => text).join(", ")} }`;
  const isShort = parts.every(({ text, words }) => words === "" && !text.includes("\n"));
  if (isShort && indent.length + short.length <= WIDTH) return parts.length === 0 ? "{}" : short;
  const lines = parts.map(({ text, words }) => `${deeper}${text}${words}`);
  return ["{", ...lines, `${indent}}`].join("\n");
}

function bounds(schema: Schema): string {
  const { minimum, maximum } = schema as { minimum?: number; maximum?: number };
  if (minimum === undefined && maximum === undefined) return "";
  return maximum === undefined ? ` >= ${minimum}` : ` ${minimum ?? ""}..${maximum}`;
}

function defaultText(schema: Schema): string {
  return "default" in schema ? ` = ${JSON.stringify(schema.default)}` : "";
}
