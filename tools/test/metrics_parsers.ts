/**
 * Gets what others read metrics with, for the tests of ours: promtool, and the parser of OpenMetrics
 * in Prometheus's client for Python. Both are unpacked from Debian packages into
 * `.runtimes/metrics_parsers/` of the checkout.
 *
 * `deno run -A tools/test/metrics_parsers.ts`
 */

import { join } from "node:path";
import { installPackages, run, unpackPackages } from "../debian.ts";

const FOLDER = join(import.meta.dirname ?? ".", "../../.runtimes/metrics_parsers");
const PROMTOOL = join(FOLDER, "promtool");
const PYTHON_PATH = join(FOLDER, "python");
const PACKAGES = ["prometheus", "python3-prometheus-client", "python3-decorator"];
// Prints name, type and number of samples of each family.
const PROGRAM = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
text = sys.stdin.buffer.read().decode()
print(json.dumps([[f.name, f.type, len(f.samples)] for f in text_string_to_metric_families(text)]))
`;

/** What a parser says. */
export interface Parsed {
  readonly ok: boolean;
  /** What it printed. */
  readonly output: string;
}

/** Gets the parsers unless that has been done; returns what went wrong, if anything. */
export async function ensureMetricsParsers(): Promise<string> {
  const isRoot = Deno.uid() === 0;
  if (isRoot && !(await run(["python3", "--version"])).ok) await installPackages(["python3"]);
  if (!(await run([PROMTOOL, "--version"])).ok) {
    const wrong = await unpack();
    if (wrong !== "") return wrong;
  }
  return await hasMetricsParsers() ? "" : "python3 is not there, or cannot load the parser";
}

async function unpack(): Promise<string> {
  console.error("Getting promtool and python3-prometheus-client by apt-get");
  const wrong = await unpackPackages({ folder: FOLDER, packages: PACKAGES });
  if (wrong !== "") return wrong;
  // Of the server itself nothing is needed, and it is large.
  const root = join(FOLDER, "root");
  await Deno.rename(join(root, "usr/lib/python3/dist-packages"), PYTHON_PATH);
  await Deno.rename(join(root, "usr/bin/promtool"), PROMTOOL);
  await Deno.remove(root, { recursive: true });
  return "";
}

/** Whether both parsers can be run. */
export async function hasMetricsParsers(): Promise<boolean> {
  const env = { PYTHONPATH: PYTHON_PATH };
  const load = "import prometheus_client.openmetrics.parser";
  return (await run([PROMTOOL, "--version"])).ok &&
    (await run(["python3", "-c", load], { env })).ok;
}

/** Has promtool check metrics in the format of Prometheus: how they are written, and how they are named. */
export async function checkByPromtool(text: string): Promise<Parsed> {
  return await feed(PROMTOOL, ["check", "metrics"], text);
}

/** Has promtool parse queries (PromQL). */
export async function parseQueries(queries: readonly string[]): Promise<Parsed> {
  const rules = queries.map((expr, i) => ({ record: `query_${i}`, expr }));
  return await checkRules(JSON.stringify({ groups: [{ name: "queries", rules }] }));
}

/** Has promtool check a file of rules, in YAML. */
export async function checkRules(text: string): Promise<Parsed> {
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, text);
    return await run([PROMTOOL, "check", "rules", file]);
  } finally {
    await Deno.remove(file);
  }
}

/** Has the client for Python parse OpenMetrics; the output is JSON: name, type and number of samples of each family. */
export async function parseByPython(text: string): Promise<Parsed> {
  return await feed("python3", ["-c", PROGRAM], text);
}

async function feed(bin: string, args: string[], text: string): Promise<Parsed> {
  const child = new Deno.Command(bin, {
    args,
    env: { PYTHONPATH: PYTHON_PATH },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { ok: success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

if (import.meta.main) {
  const wrong = await ensureMetricsParsers();
  if (wrong !== "") console.error(`Cannot get the parsers of metrics: ${wrong}`);
  Deno.exit(wrong === "" ? 0 : 1);
}
