/**
 * Bundles modules or style sheets for browsers.
 *
 * @param folder What the paths are below.
 * @param args Where the result goes.
 */
export async function denoBundle(
  folder: URL,
  paths: readonly string[],
  args: readonly string[],
): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--minify", ...args, ...paths],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code === 0) return;
  throw new Error(`Cannot bundle ${paths.join()}: ${new TextDecoder().decode(stderr).trim()}`);
}
