/** Graphs to measure. Handlers do nothing; what counts are the edges. */

import type { GraphNodes } from "../../mod.ts";

type Nodes = Record<string, GraphNodes[string]>;

/** Layers of ten jobs, each waiting for all ten of the layer before: 10 000 edges. */
function layers(): Nodes {
  const nodes: Nodes = {};
  const width = 10;
  for (let layer = 0; layer <= 100; layer++) {
    for (let i = 0; i < width; i++) {
      const dependsOn = layer === 0
        ? []
        : Array.from({ length: width }, (_, j) => `${layer - 1}.${j}`);
      nodes[`${layer}.${i}`] = { type: "step", payload: i, dependsOn };
    }
  }
  return nodes;
}

/** A job that waits for a thousand. */
function fanIn(): Nodes {
  const nodes: Nodes = {};
  for (let i = 0; i < 1000; i++) nodes[`part${i}`] = { type: "step", payload: i };
  nodes["all"] = { type: "step", payload: "all", dependsOn: Object.keys(nodes) };
  return nodes;
}

/** A thousand jobs, each waiting for the one before. */
function chain(): Nodes {
  const nodes: Nodes = { "0": { type: "step", payload: 0 } };
  for (let i = 1; i < 1000; i++) {
    nodes[String(i)] = { type: "step", payload: i, dependsOn: [String(i - 1)] };
  }
  return nodes;
}

/** A job that five thousand wait for. */
function fanOut(): Nodes {
  const nodes: Nodes = { root: { type: "step", payload: "root" } };
  for (let i = 0; i < 5000; i++) {
    nodes[`leaf${i}`] = { type: "step", payload: i, dependsOn: ["root"] };
  }
  return nodes;
}

/** A hundred parents with a hundred children each. */
function families(): Nodes {
  const nodes: Nodes = {};
  for (let p = 0; p < 100; p++) {
    nodes[`p${p}`] = { type: "step", payload: p };
    for (let c = 0; c < 100; c++) {
      nodes[`p${p}.${c}`] = { type: "step", payload: c, dependsOn: [`p${p}`] };
    }
  }
  // A graph has no more; the last parent is left with none.
  for (const name of Object.keys(nodes).slice(10_000)) delete nodes[name];
  return nodes;
}

/** The graphs, by what they are. */
export const shapes: Readonly<Record<string, () => Nodes>> = {
  "101 layers of 10, 10 000 edges": layers,
  "fan-in of 1 000": fanIn,
  "chain of 1 000": chain,
  "fan-out to 5 000": fanOut,
  "100 parents with 100 children each": families,
};
