import type { GraphQLSchema } from "graphql";
import { buildSchema } from "type-graphql";
import { AliasChangeResolver } from "./alias.resolver.ts";
import { ArtifactConnectionResolver, ArtifactResolver } from "./artifact.resolver.ts";
import { ChangesResolver } from "./changes.resolver.ts";
import { EventResolver } from "./event.resolver.ts";
import { ExecutionResolver, RunResolver, StepResolver } from "./execution.resolver.ts";
import { LineageNodeResolver, LineageResolver, VersionLineageResolver } from "./lineage.resolver.ts";
import { ProjectResolver } from "./project.resolver.ts";
import { VersionResolver } from "./version.resolver.ts";

const nothing: AsyncIterable<never> = (async function* () {})();

/** The schema as the code has it; `schema.graphql` is its printed form. */
export const createSchema = (): Promise<GraphQLSchema> =>
  buildSchema({
    resolvers: [
      ProjectResolver,
      ArtifactResolver,
      ArtifactConnectionResolver,
      VersionResolver,
      VersionLineageResolver,
      ExecutionResolver,
      RunResolver,
      StepResolver,
      LineageResolver,
      LineageNodeResolver,
      EventResolver,
      ChangesResolver,
      AliasChangeResolver,
    ],
    // The domain checks its input itself, with the contract's codes.
    validate: false,
    // Subscriptions follow the event log; type-graphql wants a bus all the same.
    pubSub: { publish: () => undefined, subscribe: () => nothing },
  });
