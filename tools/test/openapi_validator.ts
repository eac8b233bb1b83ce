/**
 * Gets a public validator of OpenAPI documents for the test of ours. It goes to
 * `.runtimes/openapi_validator/` of the checkout, so that nothing but the tests downloads it.
 */

import { join } from "node:path";
import { ensurePackage } from "./extra_package.ts";

const NAME = "@seriousme/openapi-schema-validator";
const VERSION = "^2.4.0";
const DIRECTORY = join(import.meta.dirname ?? ".", "../../.runtimes/openapi_validator");
// A program of its own, as packages that are not of this project are found from their folder alone.
const PROGRAM = `
import { Validator } from "${NAME}";
const document = JSON.parse(await new Response(Deno.stdin.readable).text());
const validator = new Validator();
const { valid, errors } = await validator.validate(document);
console.log(JSON.stringify({ valid, errors, version: validator.version }));
`;

/** What the validator says. */
export interface Validation {
  readonly valid: boolean;
  /** What is wrong, if anything is. */
  readonly errors?: unknown;
  /** The version of OpenAPI that the document is of. */
  readonly version?: string;
}

/** Installs the validator unless that has been done. */
export async function ensureOpenApiValidator(): Promise<void> {
  await ensurePackage({ directory: DIRECTORY, name: NAME, version: VERSION });
}

/** Whether the validator is installed. */
export async function hasOpenApiValidator(): Promise<boolean> {
  return await Deno.stat(join(DIRECTORY, "node_modules", NAME)).then(() => true, () => false);
}

/** Validates a document. */
export async function validateOpenApi(document: unknown): Promise<Validation> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", join(DIRECTORY, "deno.json"), PROGRAM],
    cwd: DIRECTORY,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(document)));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  if (code !== 0) throw new Error(`Cannot validate: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

if (import.meta.main) await ensureOpenApiValidator();
