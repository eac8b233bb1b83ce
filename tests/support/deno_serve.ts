/** Serves a module by `deno serve`, with the flags that it is given and no more. */

/** What is served, and how. */
export interface ServeOptions {
  readonly entry: string;
  /** Permissions and other flags, such as `--allow-net=127.0.0.1`. */
  readonly flags: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Serves the entry until the test has done what it wants. */
export async function denoServe(
  { entry, flags, env = {} }: ServeOptions,
  run: (url: string) => Promise<void>,
): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["serve", "--no-check", "--no-prompt", "--host=127.0.0.1", "--port=0"],
      ...[...flags, entry],
    ],
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  try {
    let text = "";
    let url: string | undefined;
    for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) {
      text += piece;
      url = /Listening on (http:\/\/127\.0\.0\.1:\d+)\//.exec(text)?.[1];
      if (url !== undefined) break;
    }
    if (url === undefined) throw new Error(`Nothing listens:\n${text}`);
    await run(url);
  } finally {
    try {
      child.kill("SIGKILL"); // `deno serve` hears SIGTERM, and waits for the store
    } catch {
      // It has ended by itself.
    }
    await child.status;
  }
}
