/** The systems that are compared. */

/** One of them, set up in one way. */
export interface System {
  /** What it is called in tables and on the command line. */
  readonly name: string;
  /** Its lane in `bench/lane/`. */
  readonly file: string;
  /** How it differs from its defaults, by a name that its lane knows. */
  readonly variant?: string;
  /** The works that it is run with, by their names in `bench/lane/work/works.ts`. @default {all} */
  readonly works?: readonly string[];
  /** Whether it is what the bars are for. */
  readonly isOurs?: boolean;
  /** Whether it needs packages from npm that are not the project's own. */
  readonly isForeign?: boolean;
}

/** All systems, in the order of the tables; a variant of ours is one more line. */
export const systems = [
  { name: "gqm", file: "gqm.ts", isOurs: true },
  {
    name: "gqm, prefetch 0",
    file: "gqm.ts",
    variant: "prefetch 0",
    works: ["drain"],
    isOurs: true,
  },
  { name: "bullmq", file: "bullmq.ts", isForeign: true },
  { name: "bee-queue", file: "bee_queue.ts", isForeign: true },
  { name: "floor", file: "floor.ts" },
] as const satisfies readonly System[];

/** Name of a system. */
export type SystemName = typeof systems[number]["name"];

/** What the bars are for. */
export const ours: readonly SystemName[] = systems.filter((one: System) => one.isOurs)
  .map(({ name }) => name);
/** What that is compared with. */
export const others: readonly SystemName[] = systems.map(({ name }) => name)
  .filter((name) => !ours.includes(name));
