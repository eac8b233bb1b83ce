/**
 * Tries to publish and to pack, and looks whether what was built goes along. All doors are tried, with stand-ins for the
 * JSR packages where JSR cannot be reached, and always to pack, as the package for npm has them.
 */

import { withStandInConfig } from "../pack/config.ts";

/** What came of a trial. */
interface Trial {
  readonly ok: boolean;
  readonly output: string;
}

const TRIALS: readonly (readonly string[])[] = [
  ["publish", "--dry-run", "--allow-dirty", "--no-check"],
  ["pack", "--dry-run", "--allow-dirty"],
];
/** What git ignores, and a package needs to show the dashboard. */
const BUILT = [
  "THIRD_PARTY_LICENSES.txt",
  "src/cli/licenses.gen.ts",
  "src/monitor/dashboard/assets.gen.ts",
  "src/monitor/dashboard/sources.gen.ts",
];

/** Which of the built files a trial does not list, one line each. */
export function missingProblems(output: string): string[] {
  // `publish` lists URLs with sizes, and `pack` paths of what it has compiled.
  const listed = output.split("\n").map((line) =>
    line.trim().replace(/ \([^()]*\)$/, "").replace(/\.js$/, ".ts")
  );
  const isListed = (path: string): boolean =>
    listed.some((name) => name === path || (name.startsWith("file:") && name.endsWith(`/${path}`)));
  const rule = 'rule "what is built goes along", see publish.exclude in deno.json';
  return BUILT.filter((path) => !isListed(path)).map((path) => `${path} is missing: ${rule}`);
}

/** Makes the trials, one after the other, up to the first that fails. */
export async function tryPublish(
  root: string,
  jsrAnswers: boolean,
  run: (args: readonly string[]) => Promise<Trial>,
): Promise<Trial> {
  return await withStandInConfig(root, async (config) => {
    for (const args of TRIALS) {
      const isReal = jsrAnswers && args[0] === "publish";
      const trial = await run(isReal ? args : [...args, "--config", config]);
      if (!trial.ok) return trial;
      const problems = missingProblems(trial.output);
      if (problems.length > 0) {
        return { ok: false, output: `deno ${args[0]}: ${problems.join("\n")}` };
      }
    }
    return { ok: true, output: "" };
  });
}
