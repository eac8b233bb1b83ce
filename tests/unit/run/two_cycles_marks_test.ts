import { assert, assertEquals } from "@std/assert";
import type { ClaimReply, SettleReply } from "../../../src/store/store.ts";
import { assertRanOnce, draining, JOBS } from "../../support/draining.ts";
import { drained, farWorld, trip } from "../../support/far_world.ts";

Deno.test("with two cycles under way the mark is never above a job that was not started", async () => {
  await using world = farWorld(true);
  const { server, traffic, seen } = await draining(world);
  const fenceOf: number[] = [];
  const marks: { readonly at: number; readonly mark: number }[] = [];
  traffic.onSend = ({ request: { startMark } }) => {
    if (startMark === undefined) return;
    const mark = startMark.unstartedFrom;
    if (traffic.underWay.size > 1) assert(mark !== null, "claims are under way");
    marks.push({ at: seen.length, mark: mark ?? Infinity });
  };
  const { travel } = traffic;
  traffic.travel = async (way) => {
    const reply = await travel(way) as SettleReply | ClaimReply;
    const claimed = "results" in reply ? reply.claimed : reply;
    for (const { payload, holder } of claimed?.jobs ?? []) {
      fenceOf[JSON.parse(payload)] = holder.fence;
    }
    return reply;
  };
  await server.start();
  await drained(world, server);
  assertEquals(traffic.most, 2);
  assert(marks.length > 10, `${marks.length} marks`);
  for (const { at, mark } of marks.filter(({ mark }) => mark < Infinity)) {
    const early = seen.slice(at).filter((n) => fenceOf[n]! < mark);
    assertEquals(early, [], `of mark ${mark}`);
  }
});

Deno.test("with two cycles under way a suspect is started when the store counts it as started, not before", async () => {
  await using world = farWorld(true);
  let mark = Infinity;
  const fences = new Map<number, number>();
  const early: number[] = [];
  const { server, traffic, seen } = await draining(world, {
    handler: () => {
      const n = seen.at(-1)!;
      const fence = fences.get(n);
      if (fence !== undefined && fence >= mark) early.push(n);
      return Promise.resolve();
    },
  });
  traffic.travel = ({ request: { startMark, claim }, run }) =>
    trip(world, async () => {
      const reply = await run() as SettleReply | ClaimReply;
      if (startMark !== undefined) mark = startMark.unstartedFrom ?? Infinity;
      const claimed = "results" in reply ? reply.claimed : reply;
      if (claimed === undefined || claim === undefined) return reply;
      const { limit, ahead = 0 } = claim;
      if (mark === Infinity && ahead > 0) {
        mark = claimed.jobs[limit - ahead]?.holder.fence ?? Infinity;
      }
      // The first of two cycles tells no mark, and the second then tells one below all claims of the first.
      const isFirst = startMark?.unstartedFrom === null && traffic.underWay.size === 2;
      const jobs = claimed.jobs.map((job, i) => {
        const n = JSON.parse(job.payload);
        if (n % 150 > 0 && !(isFirst && i === 0)) return job;
        fences.set(n, job.holder.fence);
        return { ...job, suspect: true };
      });
      return "results" in reply
        ? { ...reply, claimed: { ...claimed, jobs } }
        : { ...claimed, jobs };
    });
  await server.start();
  await drained(world, server);
  assertEquals(traffic.most, 2);
  assert(fences.size > JOBS / 150, `${fences.size} suspects`);
  assertEquals(early, []);
  await assertRanOnce(world, seen);
});

Deno.test("after claims ahead whose reply was lost the next cycle tells the mark: they may have begun one", async () => {
  await using world = farWorld(true);
  const { server, traffic } = await draining(world);
  const told: (number | null | undefined)[] = [];
  traffic.travel = ({ request: { startMark, claim }, run }) => {
    const isLost = told.length === 0 && claim?.ahead !== undefined;
    if (isLost || told.length > 0) told.push(startMark?.unstartedFrom);
    return trip(world, async () => {
      const reply = await run();
      if (isLost) throw new Error("reply lost");
      return reply;
    });
  };
  await server.start();
  for (let i = 0; told.length < 2 && i < 1000; i++) await world.clock.advance(1);
  assertEquals(told, [undefined, null]);
});
