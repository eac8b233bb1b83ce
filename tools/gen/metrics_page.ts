/** Makes docs/metrics.md: what the monitor tells to Prometheus, name by name. */

import { MAX_PAIRS } from "../../src/store/insight_limits.ts";
import { type FamilyHead, sampleName } from "../../src/monitor/metrics/family.ts";
import { processFamilies } from "../../src/monitor/metrics/process_families.ts";
import { storeFamilies, storeUp } from "../../src/monitor/metrics/store_families.ts";

const INTRO = `
# Metrics

<!-- Made from src/monitor/metrics by deno task gen: change it there. -->

What \`GET /metrics\` of a [monitor](api.md#metrics) tells: in the text format of Prometheus (0.0.4), or as OpenMetrics 1.0
if \`Accept\` says so, as Prometheus does. [grafana.json](grafana.json) is a dashboard of it, to be imported into Grafana.

\`\`\`yaml
scrape_configs:
  - job_name: gqm
    authorization: { credentials: gqm_ak_... } # an API key with the role viewer
    static_configs:
      - targets: ["monitor.example.com:8080"]
  - job_name: gqm-workers # each with \`new Server({ api })\`
    authorization: { credentials: gqm_ak_... }
    params: { of: [process] }
    static_configs:
      - targets: ["worker-1.example.com:8080", "worker-2.example.com:8080"]
\`\`\`

- There are two kinds. What is told of the **whole store** is the same whichever process answers, so let one be asked, or
  take the \`max\` over instances. What begins with \`gqm_process_\` or \`process_\` is of the **process** that answers: sum it.
  The query \`of=store\` or \`of=process\` asks for one kind alone.
- Viewers may read them; \`metrics: { open: true }\` lets everyone, and \`metrics: false\` nobody. Whoever has some queues alone
  gets what is told by queue, of those, and what tells nothing of queues.
- A scrape costs a fixed number of calls of the store, whose cost grows with queues, types and servers, not with jobs. One
  that comes within a second of another takes what that one read. If the store does not answer within 5 s, \`gqm_store_up\`
  is 0, and the process's own numbers are told all the same.
- At most ${MAX_PAIRS} pairs of queue and type are told apart, the others count as \`*\`. Verbs, steps, statuses and outcomes
  come from the code, so no label has values without end.
- Histograms begin with the process. Those of the last minutes are of all processes, also of those that nobody scrapes.
- Without the option \`api\` a server counts nothing of this.
`;

/** The whole page, as Markdown. */
export function metricsPage(): string {
  return [
    INTRO,
    "## Of the whole store",
    "",
    ...table([storeUp, ...storeFamilies]),
    "",
    "## Of the process",
    "",
    ...table(processFamilies),
    "",
  ].join("\n");
}

function table(families: readonly FamilyHead[]): string[] {
  const rows = families.map((family) => {
    const labels = family.labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${sampleName(family)}\` | ${family.type} | ${labels} | ${family.help} |`;
  });
  return ["| name | type | labels | meaning |", "| - | - | - | - |", ...rows];
}
