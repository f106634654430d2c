import { DecisionTreeClassifier, type TreeOptions } from "ml-cart";
import type { Table } from "./table.ts";

/** What the weather is received from. Rain in millimetres is left out: it would give the answer away. */
export const features = ["month", "temp_max", "temp_min", "temp_range", "wind"];
/** What is received. */
export const label = "weather";

/** A trained tree, as it is kept in a file. */
export interface Model {
  classes: string[];
  features: string[];
  tree: unknown;
}

/** How well a model does: `confusion[i][j]` rows of class i were taken for class j. */
export interface Evaluation {
  accuracy: number;
  rows: number;
  classes: string[];
  confusion: number[][];
}

function featuresOf({ rows }: Table, names: string[]): number[][] {
  return rows.map((row) => names.map((name) => Number(row[name])));
}

/** Trains a decision tree; the same table and options give the same tree. */
export function trainTree(table: Table, options: TreeOptions): Model {
  const labels = table.rows.map((row) => String(row[label]));
  const classes = [...new Set(labels)].sort();
  const tree = new DecisionTreeClassifier(options);
  tree.train(
    featuresOf(table, features),
    labels.map((name) => classes.indexOf(name)),
  );
  return { classes, features, tree };
}

/** Lets a model tell the class of every row and compares with what the table says. */
export function evaluate(model: Model, table: Table): Evaluation {
  const { classes } = model;
  const received = DecisionTreeClassifier.load(model.tree).predict(featuresOf(table, model.features));
  const confusion = classes.map(() => classes.map(() => 0));
  table.rows.forEach((row, i) => {
    const counts = confusion[classes.indexOf(String(row[label]))];
    const guess = received[i];
    if (counts && guess !== undefined) counts[guess] = (counts[guess] ?? 0) + 1;
  });
  const right = confusion.reduce((sum, counts, i) => sum + (counts[i] ?? 0), 0);
  const rows = table.rows.length;
  return { accuracy: Number((right / rows).toFixed(4)), rows, classes, confusion };
}
