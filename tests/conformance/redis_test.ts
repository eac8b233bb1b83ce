import { redisStore } from "../../src/store/redis/store.ts";
import { FakeClock, fakeClockHarness, registerConformance } from "../../src/testing/mod.ts";
import { removeKeys, testRedis, testRedisProblem, uniquePrefix } from "../support/redis/shared.ts";

const problem = testRedisProblem();
if (problem === undefined) {
  const url = testRedis();
  registerConformance("redis", () => {
    const prefix = uniquePrefix();
    return fakeClockHarness({
      clock: new FakeClock(),
      create: (options) => redisStore(url, { ...options, prefix }),
      cleanUp: () => removeKeys(url, prefix),
    });
  }, {
    capabilities: { shared: true, durable: true },
    skip: [{
      reason: "lists ready jobs by their place in line and delayed ones by their due time: " +
        "the order of entry would cost each job an index entry",
      cases: [
        "inspect: list() gives the job first that entered the status last",
        "inspect: list() gives a job first that came back to its status",
      ],
    }, {
      reason:
        "forgets events by a time to live, which no clock of a test can move; see events_test",
      cases: ["events: watchEvents() begins with a gap when nobody has listened for a minute"],
    }],
  });
} else {
  console.error(problem);
}
