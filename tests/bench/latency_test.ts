/** The proxy that makes Redis look far away. */

import { assert, assertEquals } from "@std/assert";
import { LatencyProxy, roundTripMs } from "../../bench/latency/proxy.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { RedisServer, serverProblem } from "../support/redis/server.ts";

Deno.test({
  name: "LatencyProxy delivers everything in order, no earlier than it was told to",
  ignore: serverProblem() !== undefined,
  fn: async () => {
    await using redis = await RedisServer.start();
    await using proxy = await LatencyProxy.start(redis.url, 3);
    assert(await roundTripMs(proxy.url) >= 3);
    await using client = await RespClient.connect(proxy.url);
    const texts = Array.from({ length: 50 }, (_, i) => `${i}`.repeat(20_000));
    await Promise.all(texts.map((text) => client.call("RPUSH", "texts", text)));
    assertEquals(await client.call("LRANGE", "texts", "0", "-1"), texts);
  },
});
