/** Makes docs/gqm.schema.json: the schema by which editors complete and check a gqm.yaml. */

import { configSchema } from "../../src/config/schema.ts";

/** The schema, as JSON. */
export function configSchemaText(): string {
  return JSON.stringify(configSchema(), null, 2);
}
