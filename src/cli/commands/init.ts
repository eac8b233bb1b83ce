/**
 * `gqm init`: a configuration to begin with.
 *
 * @module
 */

import { putFiles } from "../../runtime/folders.ts";
import { baseName, folderOf } from "../../runtime/files.ts";
import { isThere, writeNewSecret } from "../../runtime/replace_file.ts";
import type { Command } from "../command.ts";
import { configFlag } from "../config_file.ts";
import { defineCommand } from "../define.ts";

const SCHEMA_FILE = "gqm.schema.json";

/** The command. */
export const init: Command = defineCommand({
  name: "init",
  summary: "Write a configuration to begin with",
  flags: configFlag,
  details:
    `Every key is in it, with its default or an example; ${SCHEMA_FILE} is put beside it, by which\n` +
    "editors complete it. A file that is there already is left as it is.",
  examples: ["init", "init --config deploy/gqm.yaml"],
  run: async ({ flags: { config } }, terminal) => {
    const { configSchema } = await import("../../config/schema.ts");
    const { configTemplate } = await import("../../config/template.ts");
    const schema = `${JSON.stringify(configSchema(), null, 2)}\n`;
    try {
      if (await isThere(config)) throw new Error("it is there already");
      await putFiles(folderOf(config), new Map([[SCHEMA_FILE, schema]]));
      await writeNewSecret(config, configTemplate());
    } catch (error) {
      const told = error instanceof Error ? error.message : String(error);
      throw new Error(`cannot write ${config}: ${told}`, { cause: error });
    }
    const option = config === "gqm.yaml" ? "" : ` --config ${config}`;
    terminal.out(`✓ ${config} written, and ${SCHEMA_FILE} beside it\n
Next:
  edit ${baseName(config)}: its store is a Redis on this machine, and it serves no dashboard,
    unless you change that; then pools and job types
  gqm set-password admin${option}
  gqm run jobs.ts --config ${config}
`);
    return 0;
  },
});
