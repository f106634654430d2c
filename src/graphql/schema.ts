import { defaultFieldResolver, type GraphQLSchema } from "graphql";
import { buildSchema } from "type-graphql";
import { AliasChangeResolver } from "./alias.resolver.ts";
import { ArtifactConnectionResolver, ArtifactResolver } from "./artifact.resolver.ts";
import { CompareResolver } from "./compare.resolver.ts";
import { type Context, renewLoaders } from "./context.ts";
import { DeletionResolver } from "./deletion.resolver.ts";
import { DiffResolver, MovedResolver } from "./diff.resolver.ts";
import { EventResolver } from "./event.resolver.ts";
import { ExecutionResolver, RunResolver, StepResolver } from "./execution.resolver.ts";
import { ImpactResolver } from "./impact.resolver.ts";
import { LineageResolver, VersionLineageResolver } from "./lineage.resolver.ts";
import { MetricResolver } from "./metric.resolver.ts";
import { PathsResolver } from "./paths.resolver.ts";
import { ProjectResolver } from "./project.resolver.ts";
import {
  ArtifactPromotionsResolver,
  PromotePayloadResolver,
  PromotionResolver,
  VersionPromotionsResolver,
} from "./promotion.resolver.ts";
import { RecipeResolver } from "./recipe.resolver.ts";
import { StageHolderResolver, StageResolver } from "./stage.resolver.ts";
import { StalenessResolver } from "./staleness.resolver.ts";
import { UploadResolver } from "./upload.resolver.ts";
import { VersionResolver } from "./version.resolver.ts";
import { WebhookResolver } from "./webhook.resolver.ts";

const emptyStream: AsyncIterable<never> = (async function* () {})();

/** Renews the loaders after each mutation, so that the next field of the document does not see what was loaded before. */
function renewAfterMutations(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve = defaultFieldResolver } = field;
    field.resolve = async (source, args, context: Context, info) => {
      const result: unknown = await resolve(source, args, context, info);
      renewLoaders(context);
      return result;
    };
  }
}

/** Builds the schema from the resolvers; `schema.graphql` is its printed form. */
export async function createSchema(): Promise<GraphQLSchema> {
  const schema = await buildSchema({
    resolvers: [
      ProjectResolver,
      ArtifactResolver,
      ArtifactConnectionResolver,
      VersionResolver,
      VersionLineageResolver,
      ExecutionResolver,
      RunResolver,
      StepResolver,
      MetricResolver,
      LineageResolver,
      PathsResolver,
      ImpactResolver,
      StalenessResolver,
      RecipeResolver,
      DiffResolver,
      MovedResolver,
      CompareResolver,
      EventResolver,
      DeletionResolver,
      AliasChangeResolver,
      UploadResolver,
      WebhookResolver,
      StageResolver,
      StageHolderResolver,
      PromotionResolver,
      PromotePayloadResolver,
      VersionPromotionsResolver,
      ArtifactPromotionsResolver,
    ],
    // The domain validates its input itself, with the codes of the contract.
    validate: false,
    // Subscriptions follow the event log, but type-graphql requires a pubSub.
    pubSub: { publish: () => undefined, subscribe: () => emptyStream },
  });
  renewAfterMutations(schema);
  return schema;
}
