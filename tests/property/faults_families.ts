/** Faults between jobs, and towards those who intervene. */

import type { JobRecord, JobSettings, ParentEdge } from "../../src/job/job.ts";
import type { JobAction, NewJob, PauseTarget, Store } from "../../src/store/store.ts";
import type { DecoratedStore } from "../support/decorated_store.ts";
import type { Fault } from "./faults.ts";

/**
 * Writes other settings than those that were asked for, and shows those that
 * were: a store that knows what it should do, and does something else.
 */
function pretending(change: (job: NewJob, inner: Store) => Promise<JobSettings>): Fault {
  return (store, inner) => {
    const asked = new Map<string, JobSettings>();
    const shown = <T extends JobRecord>(job: T): T => {
      const settings = asked.get(job.payload);
      return settings === undefined ? job : { ...job, settings };
    };
    store.on("enqueue", async ({ args: [groups] }) => {
      const changed = groups.map((group) =>
        Promise.all(group.map(async (job) => {
          const settings = await change(job, inner);
          if (settings !== job.settings) asked.set(job.payload, job.settings);
          return { ...job, settings };
        }))
      );
      return inner.enqueue(await Promise.all(changed));
    });
    store.on("getJobs", async ({ run }) => (await run()).map((job) => job && shown(job)));
    store.on("list", async ({ run }) => {
      const reply = await run();
      return { ...reply, jobs: reply.jobs.map(shown) };
    });
    store.on("claim", async ({ run }) => {
      const reply = await run();
      return { ...reply, jobs: reply.jobs.map(shown) };
    });
    store.on("settle", async ({ run }) => {
      const { results, claimed } = await run();
      return claimed === undefined
        ? { results }
        : { results, claimed: { ...claimed, jobs: claimed.jobs.map(shown) } };
    });
  };
}

/** Changes the edges of each new job. */
function edges(
  change: (edges: readonly ParentEdge[], inner: Store) => Promise<readonly ParentEdge[]>,
): Fault {
  return pretending(async ({ settings }, inner) =>
    settings.dependsOn === undefined
      ? settings
      : { ...settings, dependsOn: await change(settings.dependsOn, inner) }
  );
}

/** Takes the place of one kind of action. */
function onAction<K extends JobAction["kind"]>(
  store: DecoratedStore,
  kind: K,
  instead: (
    args: Parameters<Store["act"]>,
    run: () => ReturnType<Store["act"]>,
  ) => ReturnType<Store["act"]>,
): void {
  store.on("act", ({ args, run }) => args[1].kind === kind ? instead(args, run) : run());
}

/** Brings back, with what is left of its edges, each child that a revive left canceled. */
async function reviveAllOf(inner: Store, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const { ids: children } = await inner.children(id, { limit: 100 });
    for (const child of await inner.getJobs(children)) {
      if (child?.status !== "canceled" || child.canceledBy !== id) continue;
      await inner.act([child.id], { kind: "remove" });
      const { type, queue, priority, payload, settings } = child;
      const dependsOn = (settings.dependsOn ?? []).filter((edge) => edge.id === id);
      const job = { id: child.id, type, queue, priority, payload };
      await inner.enqueue([[{ ...job, settings: { ...settings, dependsOn } }]]);
    }
  }
}

/** Faults by what they do. */
export const familyFaults: Readonly<Record<string, Fault>> = {
  "a child is released with one parent still open": edges((parents) =>
    Promise.resolve(parents.length > 1 ? parents.slice(0, -1) : parents)
  ),
  "a cascade stops after one level": edges(async (parents, inner) => {
    const records = await inner.getJobs(parents.map(({ id }) => id));
    return parents.map((edge, i): ParentEdge =>
      records[i]?.status === "deferred" ? { ...edge, onFailure: "continue" } : edge
    );
  }),
  "a policy is taken for another": edges((parents) =>
    Promise.resolve(
      parents.map((edge): ParentEdge =>
        edge.onFailure === "continue" ? { ...edge, onFailure: "cancel" } : edge
      ),
    )
  ),
  "a lock outlives its owner": pretending(({ settings }) =>
    Promise.resolve(
      settings.unique?.until === "finished"
        ? { ...settings, unique: { ...settings.unique, until: "removed" } }
        : settings,
    )
  ),
  "a lock never ends by time": pretending(({ settings }) => {
    if (settings.unique?.ttlMs === undefined) return Promise.resolve(settings);
    const { ttlMs: _, ...unique } = settings.unique;
    return Promise.resolve({ ...settings, unique });
  }),
  "a debounce keeps the old time": (store, inner) => {
    store.on(
      "enqueue",
      ({ args: [groups] }) =>
        inner.enqueue(
          groups.map((group) =>
            group.map((job) =>
              job.onConflict === "debounce" ? { ...job, onConflict: "replace" } : job
            )
          ),
        ),
    );
  },
  "an enqueue does not ask for its claim": (store, inner) => {
    store.on(
      "enqueue",
      ({ args: [groups] }) =>
        inner.enqueue(groups.map((group) => group.map(({ holder: _, ...job }) => job))),
    );
  },
  "a missing parent counts as resolved": (store, inner) => {
    store.on("enqueue", ({ args: [groups] }) =>
      inner.enqueue(
        groups.map((group) => group.map((job) => ({ ...job, onMissingParent: "resolved" }))),
      ));
  },
  "a cancel leaves the claim": (store, inner) =>
    onAction(store, "cancel", async ([ids, action, from], run) => {
      const records = await inner.getJobs(ids);
      if (!records.some((record) => record?.status === "processing")) return await run();
      const others = ids.filter((_, i) => records[i]?.status !== "processing");
      const replies = await inner.act(others, action, from);
      return ids.map((id) =>
        others.includes(id) ? replies[others.indexOf(id)]! : { outcome: "done", status: "canceled" }
      );
    }),
  "a heartbeat does not tell of a cancel": (store) => {
    store.on("heartbeat", async ({ run }) => {
      const { canceled, lost, ...rest } = await run();
      return { ...rest, lost: [...lost, ...canceled], canceled: [] };
    });
  },
  "a pause is ignored": (store) => {
    const targets = new Map<string, PauseTarget>();
    store.on("pause", ({ args: [target, paused] }) => {
      const name = JSON.stringify([target.queue, target.type]);
      if (paused) targets.set(name, target);
      else targets.delete(name);
      return Promise.resolve();
    });
    store.on("paused", () => Promise.resolve([...targets.values()]));
  },
  "a resume of a queue resumes its types": (store, inner) => {
    store.on("pause", async ({ args: [{ queue, type }, paused], run }) => {
      await run();
      if (paused || type !== null) return;
      for (const target of await inner.paused()) {
        if (target.queue === queue) await inner.pause(target, false);
      }
    });
  },
  "a prioritize loses the job": (store, inner) =>
    onAction(store, "prioritize", async ([ids, , from], run) => {
      const replies = await run();
      const lost = ids.filter((_, i) => {
        const reply = replies[i]!;
        return reply.outcome === "done" && reply.status === "scheduled";
      });
      await inner.act(lost, { kind: "remove" }, from);
      return replies;
    }),
  "a prioritize keeps the place": (store, inner) =>
    onAction(store, "prioritize", async ([ids, action, from]) => {
      const replies = await inner.act(ids, action, from);
      const back = { kind: "prioritize", priority: 0 } as const;
      await inner.act(ids, back, "ready");
      return replies;
    }),
  "a promote by hand forgets the retries": (store, inner) =>
    onAction(store, "promote", async ([ids, action, from]) => {
      const records = await inner.getJobs(ids);
      const replies = await inner.act(
        ids.filter((_, i) => records[i]?.status !== "retry"),
        action,
        from,
      );
      return records.map((record) =>
        record?.status === "retry" && (from ?? "retry") === "retry"
          ? { outcome: "done", status: "ready" }
          : record?.status === "retry"
          ? { outcome: "unchanged", status: "retry" }
          : replies.shift()!
      );
    }),
  "an edit of a deferred job is lost": (store, inner) =>
    onAction(store, "edit", async ([ids, action, from]) => {
      const before = await inner.getJobs(ids);
      const replies = await inner.act(ids, action, from);
      for (const record of before) {
        if (record?.status !== "deferred") continue;
        await inner.act([record.id], { kind: "edit", payload: record.payload });
      }
      return replies;
    }),
  "an action does not ask for the status": (store, inner) => {
    store.on("act", ({ args: [ids, action] }) => inner.act(ids, action));
  },
  "a retry forgets the new payload": (store, inner) =>
    onAction(
      store,
      "retry",
      ([ids, action, from]) =>
        inner.act(ids, { kind: "retry", revive: action.kind === "retry" && action.revive }, from),
    ),
  "a retry revives nobody": (store, inner) =>
    onAction(store, "retry", ([ids, action, from]) => {
      const { payload } = action as Extract<JobAction, { kind: "retry" }>;
      return inner.act(ids, { kind: "retry", ...(payload === undefined ? {} : { payload }) }, from);
    }),
  "a revive brings back a child that another parent failed": (store, inner) =>
    onAction(store, "retry", async ([ids, action], run) => {
      const replies = await run();
      if (action.kind !== "retry" || action.revive !== true) return replies;
      await reviveAllOf(inner, ids.filter((_, i) => replies[i]!.outcome === "done"));
      return replies;
    }),
  "children leave out the last of a page": (store) => {
    store.on("children", async ({ run }) => {
      const reply = await run();
      return reply.cursor === undefined ? reply : { ...reply, ids: reply.ids.slice(0, -1) };
    });
  },
};
