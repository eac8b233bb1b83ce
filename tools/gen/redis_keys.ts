/**
 * What each key of the Redis store is, which no code can tell: its pattern, and what it holds. Who touches it is read
 * from the scripts, and its type and expiry are held against their commands, by keys_page.ts.
 */

/** A key, or all keys of one pattern. */
export interface RedisKey {
  /** Behind the root `{prefix}:`. Up to the first colon it is the name that scripts have for it. */
  readonly key: string;
  /** Of Redis; a channel is no key, but named like one. */
  readonly type: "string" | "hash" | "list" | "set" | "zset" | "channel";
  /** What is in it. */
  readonly holds: string;
  /** When Redis removes it by itself; absent: never. */
  readonly expires?: string;
  /** True: no script names it, the library uses it by itself. */
  readonly isOfLibrary?: true;
}

/** Keys by what they are for. */
export const REDIS_KEYS: Readonly<Record<string, readonly RedisKey[]>> = {
  "Jobs": [
    {
      key: "jobs",
      type: "hash",
      holds:
        "id → `created|PP|flags|queue|type`, settings and payload; the field `\\nlisten` while somebody listens",
    },
    {
      key: "state",
      type: "hash",
      holds:
        "id → status, counts, fence settled last, attempts, error, result; only of jobs that ran or ended",
    },
    {
      key: "big:{name}",
      type: "string",
      holds: "a payload above 4 000 characters",
      expires: "an hour after it came, unless its job is accepted; with `gone` of its job",
    },
    {
      key: "res:{id}:{fence}",
      type: "string",
      holds: "a result above 4 000 characters",
      expires: "an hour after it came, unless it is settled; with `gone` of its job",
    },
    { key: "told", type: "hash", holds: "id → last progress of a job that runs, or ''" },
    { key: "log:{id}", type: "list", holds: "the last 100 log lines of a job, `ms|text`" },
    { key: "locks", type: "hash", holds: "unique key → the newest job with it" },
    {
      key: "broken",
      type: "hash",
      holds: "records by id, and states by id and `\\nstate`, that the doctor could not read",
    },
  ],
  "Numbers": [
    {
      key: "layout",
      type: "string",
      holds: "`version|least` of the layout: which it is, and which a program must know at least",
      isOfLibrary: true,
    },
    { key: "seq", type: "string", holds: "last place in line at the end of a lane, rising" },
    { key: "front", type: "string", holds: "last place in line at the front of a lane, falling" },
    {
      key: "fence",
      type: "string",
      holds: "last of the rising numbers, max(last + 1, µs): fences, and the order of ends",
    },
  ],
  "Ready jobs": [
    { key: "l:{lane}", type: "list", holds: "a lane: `seq sep id`, ascending" },
    {
      key: "idx:{queue}",
      type: "zset",
      holds: "`PPtype` of lanes with jobs, by PP·10¹⁴ + a lower bound of the first sequence",
    },
    {
      key: "active",
      type: "zset",
      holds: "queues whose index is not empty, for pools that take from all",
    },
    { key: "lanes", type: "set", holds: "lanes in use" },
    { key: "pairs", type: "set", holds: "pairs of queue and type in use" },
    { key: "queues", type: "set", holds: "queues in use" },
    { key: "types:{queue}", type: "set", holds: "types in use in a queue" },
    { key: "prios:{queue}", type: "set", holds: "PPs in use in a queue" },
    {
      key: "tombs",
      type: "hash",
      holds:
        "lane → tombstones in it; lane, line break and id → how many, and between which places",
    },
    { key: "paused", type: "set", holds: "`queue|type` of what is paused, '' for every one" },
    { key: "expire", type: "zset", holds: "ids of jobs with `expireAt`, until they start" },
    { key: "w:{pair}", type: "list", holds: "wake tokens, at most 2" },
    {
      key: "own:{tag}",
      type: "list",
      holds: "what ends a blocking call: with two elements, the claim behind it too",
    },
  ],
  "Delayed jobs": [
    { key: "d:{pair}", type: "zset", holds: "scheduled jobs, `PP sep id`, by due time" },
    { key: "r:{pair}", type: "zset", holds: "retry jobs, `PP sep id`, by due time" },
    { key: "due", type: "zset", holds: "names of those two, by the first due time in each" },
  ],
  "Claims": [
    {
      key: "claims",
      type: "hash",
      holds: "id → `fence|seq sep claimed|tag|server|pool|lane`, and a sentinel",
    },
    {
      key: "leases:{server}",
      type: "zset",
      holds: "ids by end of the lease, and a sentinel that keeps it from being a listpack",
    },
    { key: "servers", type: "zset", holds: "servers by their last heartbeat" },
    { key: "leaseMs", type: "hash", holds: "server → its lease in ms" },
    {
      key: "about",
      type: "hash",
      holds: "server → `started|busy` and a line of JSON: what it says of itself",
    },
    {
      key: "startMarks",
      type: "hash",
      holds: "`server|pool` → lowest fence that it has not started, while it claims ahead",
    },
  ],
  "Limits": [
    {
      key: "limits",
      type: "hash",
      holds: "rule → `concurrency|tokens|ms|burst`; a rule is `t:TYPE`, `k:KEY` or `p:TYPE`",
    },
    {
      key: "slots:{rule}",
      type: "zset",
      holds: "`key NL id` of each claim that it counts, by name (key '' but for `p:`)",
    },
    { key: "buckets", type: "hash", holds: "tokens of a rule, or of `p:TYPE NL KEY`" },
    { key: "bucketEnds", type: "zset", holds: "the same, by when they are full again" },
    { key: "parked", type: "zset", holds: "`key NL lane` of parked jobs, by name" },
    { key: "p:{lane}", type: "zset", holds: "parked ready jobs of a lane, by place" },
    {
      key: "pk:{key} NL {lane}",
      type: "zset",
      holds: "parked ready jobs of a key in a lane, by place",
    },
    {
      key: "looks",
      type: "zset",
      holds: "`k:KEY`, `t:TYPE`, `a:LINE` (all from there), by when to see whether there is room",
    },
    {
      key: "blocked:{type}",
      type: "set",
      holds: "pairs whose jobs a claim met when their type had no room",
    },
  ],
  "Final jobs": [
    {
      key: "f:{pair}",
      type: "list",
      holds: "`number sep id`, newest first, of completed jobs with the default retention",
    },
    {
      key: "gc:{pair}",
      type: "zset",
      holds: "completed jobs with a retention of their own, by number",
    },
    { key: "gd:{pair}", type: "zset", holds: "dead letters, by number" },
    { key: "gx:{pair}", type: "zset", holds: "canceled jobs, by number" },
    { key: "gt:{pair}", type: "zset", holds: "stopped jobs, by number" },
    { key: "kc:{pair}", type: "zset", holds: "those of `gc` with a `maxCount` of their own" },
    { key: "kd:{pair}", type: "zset", holds: "those of `gd` with a `maxCount` of their own" },
    { key: "kx:{pair}", type: "zset", holds: "those of `gx` with a `maxCount` of their own" },
    { key: "kt:{pair}", type: "zset", holds: "those of `gt` with a `maxCount` of their own" },
    {
      key: "over",
      type: "zset",
      holds: "names of those with more than they may have, by how many are to be kept",
    },
    {
      key: "finals",
      type: "zset",
      holds: "pairs that have an `f`, by a lower bound of their oldest",
    },
    {
      key: "purge",
      type: "zset",
      holds: "ids in `gc`, `gd`, `gx`, `gt` by the time at which they go",
    },
    { key: "waits", type: "zset", holds: "ids whose end is awaited, by until when" },
    {
      key: "gone:{id}",
      type: "hash",
      holds: "record, state and progress of an awaited job that was removed at its end",
      expires: "after a minute",
    },
    { key: "goneLog:{id}", type: "list", holds: "its log lines", expires: "after a minute" },
  ],
  "Parents and children": [
    { key: "b:{pair}", type: "zset", holds: "deferred jobs, by a rising number" },
    {
      key: "pend:{id}",
      type: "zset",
      holds: "parents that have not let it go, in order; an even score: it fails with it",
    },
    {
      key: "family",
      type: "hash",
      holds: "id → number and id of its only child, or '' if it has more",
    },
    {
      key: "kids:{id}",
      type: "zset",
      holds: "children of a job that has more than one, by number",
    },
    {
      key: "kin:{pair}",
      type: "zset",
      holds: "jobs that have or had children, by when they were enqueued, until they are gone",
    },
    {
      key: "relay",
      type: "hash",
      holds: "id → what its children are still to be told, and the last that knows",
    },
    { key: "drafts", type: "zset", holds: "large groups not yet whole, by when they are given up" },
    { key: "draftIds:{draft}", type: "list", holds: "ids of their jobs" },
    {
      key: "draft:{draft}",
      type: "hash",
      holds: "`how|parent` of jobs to be canceled at the release, and what its parts were answered",
    },
  ],
  "Schedules": [
    { key: "schedules", type: "hash", holds: "id → schedule" },
    { key: "schedIds", type: "zset", holds: "their ids, in order" },
    { key: "schedDue", type: "zset", holds: "those not custom, by when they are due" },
    { key: "schedLog:{id}", type: "list", holds: "history: `number|at|slot|kind|outcome|…`" },
  ],
  "What is counted": [
    {
      key: "tape",
      type: "string",
      holds: "what ended, not yet added to the next three: `minute kind pair` and marks",
    },
    { key: "totals", type: "hash", holds: "pair → how many ended since the beginning" },
    {
      key: "day:{day}",
      type: "hash",
      holds: "queue → how many ended on a day, counted from 1970",
      expires: "after 91 days",
    },
    {
      key: "series:{pair}",
      type: "list",
      holds: "`minute|ends|runs|waits|depth`, the newest last, of the last 24 hours",
      expires: "9 days after the last one",
    },
    {
      key: "hours:{pair}",
      type: "list",
      holds: "`hour|ends|runs|waits|depth`, the newest last, of the last 8 days",
      expires: "9 days after the last one",
    },
    { key: "samples", type: "list", holds: "minutes whose depth was sampled, the newest last" },
    { key: "hourSamples", type: "list", holds: "hours that were sampled" },
    {
      key: "rolled",
      type: "string",
      holds: "`from|to|pair`: up to where hours were made of minutes",
    },
    {
      key: "places",
      type: "list",
      holds: "`time|seq` of each sample of 24 hours: which places in line had been given then",
    },
    {
      key: "errors",
      type: "hash",
      holds: "fingerprint → counts, times, ids and sample of a group of failures",
    },
    { key: "errorTimes", type: "zset", holds: "fingerprints by the last failure" },
  ],
  "Events": [
    {
      key: "listen",
      type: "string",
      holds: "number of the last event, while somebody listens",
      expires: "a minute after a listener asked last",
    },
    {
      key: "events",
      type: "list",
      holds: "the newest 10 000 events, `kind|ms|id|status|queue|type` and a line",
      expires: "with `listen`",
    },
    {
      key: "evwait",
      type: "string",
      holds: "'1' while a listener waits to be told",
      expires: "with `listen`",
    },
  ],
  "Beside the queue": [
    {
      key: "memo:{key}",
      type: "string",
      holds: "`end|tag|value` of a memo",
      expires: "a minute after its end",
    },
    { key: "memos", type: "zset", holds: "keys of memos by name" },
    { key: "memoEnds", type: "zset", holds: "keys of memos by end" },
    {
      key: "hits:{key}",
      type: "string",
      holds: "`tag|end:count,…`: how many hits of the key count until when",
      expires: "a minute after the last of them",
    },
    { key: "trail:{name}", type: "list", holds: "`number|at|text`, the newest first" },
    {
      key: "said:{tag}",
      type: "string",
      holds: "what a report or an action was answered, for a repeat",
      expires: "after a minute",
    },
  ],
  "Channels": [
    {
      key: "ctl",
      type: "channel",
      holds: "a new pair, a shorter lease, children to tell, an earlier schedule, a cancel",
    },
    { key: "final", type: "channel", holds: "the id of a job whose end was awaited" },
    { key: "event", type: "channel", holds: "that there are events for who waits" },
  ],
};
