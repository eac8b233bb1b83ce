/**
 * Installs npm packages into a folder of their own, for what only tests and benchmarks need.
 *
 * @param directory A folder with the `deno.json` (and `package.json`) that names them.
 * @param what What is installed, for the error.
 * @param hint What to do if it cannot be.
 */
export async function npmInstall(
  directory: string,
  what: string,
  hint: string = "",
): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", "--config", `${directory}/deno.json`],
    cwd: directory,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (code === 0) return;
  throw new Error(`Cannot get ${what} from npm: deno install failed with code ${code}${hint}`);
}
