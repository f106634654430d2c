/** The part of ml-cart that the demo uses; the package brings no types. */
declare module "ml-cart" {
  export interface TreeOptions {
    /** Levels of questions from the root to a leaf. */
    maxDepth: number;
    /** A node with so many rows or fewer asks no further question. */
    minNumSamples: number;
    /** What a question must gain in purity to be asked. */
    gainThreshold: number;
  }

  export class DecisionTreeClassifier {
    constructor(options: TreeOptions);
    /** Rows of features, and for each row its class as a whole number from 0. */
    train(features: number[][], classes: number[]): void;
    /** The class of each row. */
    predict(features: number[][]): number[];
    /** A tree from what `JSON.parse` gave of one. */
    static load(model: unknown): DecisionTreeClassifier;
  }
}
