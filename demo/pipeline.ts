import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { plotConfusion, summarise } from "./report.ts";
import { describeTable, formatTable, parseTable, type Table } from "./table.ts";
import { type Evaluation, evaluate, features, label, type Model, trainTree } from "./tree.ts";

/** What a run is given. Between the demo's two runs only `maxDepth` changes. */
export interface Parameters {
  testEvery: number;
  maxDepth: number;
  minNumSamples: number;
  gainThreshold: number;
}

/** One output of a step: its files by path, and what Pedigree is received of them (fields of `LogVersionInput`). */
export interface Made {
  name: string;
  files: Record<string, string>;
  about: { kind: string; description: string; [field: string]: unknown };
}

/** One step: which artifacts it reads, and how it makes others from the text of their first files. */
export interface Step {
  name: string;
  reads: string[];
  parameters: (keyof Parameters)[];
  run(read: (name: string) => string, parameters: Parameters): { made: Made[]; metrics?: Record<string, number> };
}

const require = createRequire(import.meta.url);
const dataPackage = new URL("../", pathToFileURL(require.resolve("vega-datasets")));
const { version } = JSON.parse(readFileSync(new URL("package.json", dataPackage), "utf8")) as { version: string };

/** Where the data comes from: recorded as a version without bytes of its own, the first ancestor of everything. */
export const source = {
  name: "source",
  kind: "LINK",
  description:
    "Daily weather in Seattle, 2012 to 2015, by NOAA; published in vega-datasets (the demo reads the npm package)",
  location: `https://raw.githubusercontent.com/vega/vega-datasets/v${version}/data/seattle-weather.csv`,
  etag: version,
  tags: ["seattle"],
};

function table(name: string, description: string, content: Table, about: object = {}): Made {
  return {
    name,
    files: { [`${name}.csv`]: formatTable(content) },
    about: { kind: "DATASET", description, tags: ["seattle"], ...about },
  };
}

const roles = { labelColumn: label, features };

const load: Step = {
  name: "load",
  reads: ["source"],
  parameters: [],
  run: () => {
    const csv = readFileSync(new URL("data/seattle-weather.csv", dataPackage), "utf8");
    const about = { dataset: describeTable(parseTable(csv)), metadata: { package: "vega-datasets", version } };
    const description = "The table as published, byte for byte";
    return {
      made: [
        {
          name: "raw",
          files: { "raw.csv": csv },
          about: { kind: "DATASET", description, tags: ["seattle"], ...about },
        },
      ],
    };
  },
};

const clean: Step = {
  name: "clean",
  reads: ["raw"],
  parameters: [],
  run: (read) => {
    const raw = parseTable(read("raw"));
    const usable = raw.rows.filter((row) => Number(row.temp_min) <= Number(row.temp_max) && row[label] !== "");
    const rows = usable.map((row) => ({
      ...row,
      month: Number(String(row.date).slice(5, 7)),
      temp_range: Number((Number(row.temp_max) - Number(row.temp_min)).toFixed(1)),
    }));
    const added = ["month", "temp_range"].map((name) => ({ name, type: "number" as const }));
    const content = { columns: [...raw.columns, ...added], rows };
    const about = { dataset: describeTable(content, roles), metadata: { dropped: raw.rows.length - rows.length } };
    return { made: [table("clean", "Usable days only, with month and range of temperature", content, about)] };
  },
};

const split: Step = {
  name: "split",
  reads: ["clean"],
  parameters: ["testEvery"],
  run: (read, { testEvery }) => {
    const { columns, rows } = parseTable(read("clean"));
    const part = (name: string, description: string, isIn: (day: number) => boolean): Made => {
      const content = { columns, rows: rows.filter((_, day) => isIn(day)) };
      return table(name, description, content, { dataset: describeTable(content, roles), metadata: { testEvery } });
    };
    return {
      made: [
        part("train", "The days to learn from", (day) => day % testEvery !== 0),
        part("test", "The days to be asked about", (day) => day % testEvery === 0),
      ],
    };
  },
};

const train: Step = {
  name: "train",
  reads: ["train"],
  parameters: ["maxDepth", "minNumSamples", "gainThreshold"],
  run: (read, { maxDepth, minNumSamples, gainThreshold }) => {
    const days = parseTable(read("train"));
    const options = { maxDepth, minNumSamples, gainThreshold };
    const tree = trainTree(days, options);
    const content = JSON.stringify(tree);
    const trainAccuracy = evaluate(JSON.parse(content) as Model, days).accuracy;
    const model = {
      framework: "ml-cart",
      algorithm: "decision tree (CART)",
      parameters: options,
      metrics: { trainAccuracy },
      inputs: features.map((name) => ({ name, type: "number" })),
      outputs: [{ name: label, type: "string" }],
      requirements: ["ml-cart"],
    };
    const description = `Tells the weather from temperatures and wind by at most ${maxDepth} questions`;
    const labels = [{ key: "task", value: "classification" }];
    const about = {
      kind: "MODEL",
      description,
      model,
      labels,
      tags: ["decision-tree"],
      metadata: { classes: tree.classes, trainAccuracy },
    };
    return { made: [{ name: "model", files: { "model.json": content }, about }], metrics: { trainAccuracy } };
  },
};

const evaluation: Step = {
  name: "evaluate",
  reads: ["model", "test"],
  parameters: [],
  run: (read) => {
    const found = evaluate(JSON.parse(read("model")) as Model, parseTable(read("test")));
    const { accuracy, rows } = found;
    const about = { kind: "ANALYSIS", description: "Accuracy and confusion matrix", metadata: { accuracy, rows } };
    const files = { "evaluation.json": `${JSON.stringify(found, null, 2)}\n` };
    return { made: [{ name: "evaluation", files, about }], metrics: { accuracy } };
  },
};

const report: Step = {
  name: "report",
  reads: ["evaluation"],
  parameters: ["maxDepth"],
  run: (read, { maxDepth }) => {
    const found = JSON.parse(read("evaluation")) as Evaluation;
    const files = { "summary.md": summarise(found, maxDepth), "confusion.svg": plotConfusion(found) };
    return { made: [{ name: "report", files, about: { kind: "DOCUMENT", description: "A summary and a plot" } }] };
  },
};

/** The pipeline in its order. Everything in it is deterministic: the same parameters make the same bytes. */
export const steps: Step[] = [load, clean, split, train, evaluation, report];
