/** What Linux says of processes. */

/** A line of `/proc`. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** The process group. */
  readonly group: number;
  readonly name: string;
  /** One letter: `T` for one that is stopped, `Z` and `X` for one that has ended. */
  readonly state: string;
  /** With the pid, it tells the process from a later one. */
  readonly startedAt: string;
}

/** A process; undefined if there is none of this pid. */
export async function readProcess(pid: number): Promise<Process | undefined> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  const [open, close] = [stat.indexOf("("), stat.lastIndexOf(")")];
  if (close < 0) return undefined;
  // proc_pid_stat(5): the state is field 3, the start time field 22.
  const [state = "", parent, group, ...rest] = stat.slice(close + 2).split(" ");
  const name = stat.slice(open + 1, close);
  return {
    ...{ pid, parent: Number(parent), group: Number(group), name, state },
    startedAt: rest[16] ?? "",
  };
}

/** All processes. */
export async function* allProcesses(): AsyncGenerator<Process> {
  for await (const { name } of Deno.readDir("/proc")) {
    const one = /^\d+$/.test(name) ? await readProcess(Number(name)) : undefined;
    if (one !== undefined) yield one;
  }
}
