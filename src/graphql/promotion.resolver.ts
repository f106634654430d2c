import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { approve } from "../domain/promotion/approve.ts";
import { demote } from "../domain/promotion/demote.ts";
import { promote } from "../domain/promotion/promote.ts";
import type { PromotionResult } from "../domain/promotion/record-promotion.ts";
import { rollback } from "../domain/promotion/rollback.ts";
import { artifactPromotions, promotions } from "../domain/query/relations.ts";
import { Artifact } from "../model/artifact.ts";
import { PageArgs } from "../model/connection.ts";
import { Approval, ApproveInput, GateResult } from "../model/gate.ts";
import {
  DemoteInput,
  PromoteInput,
  PromotePayload,
  Promotion,
  PromotionConnection,
  RollbackInput,
} from "../model/promotion.ts";
import { Version, VersionPayload } from "../model/version.ts";
import type { Context } from "./context.ts";

@Resolver(() => Promotion)
export class PromotionResolver {
  @Mutation(() => PromotePayload, {
    description:
      "Moves a version into a stage if all gates pass. A former holder of an exclusive stage moves out in the same transaction.",
  })
  promote(@Arg("input", () => PromoteInput) input: PromoteInput, @Ctx() context: Context) {
    return promote(context, input);
  }

  @Mutation(() => PromotePayload, { description: "Takes a version out of its stage. It is in no stage afterwards." })
  demote(@Arg("input", () => DemoteInput) input: DemoteInput, @Ctx() context: Context) {
    return demote(context, input);
  }

  @Mutation(() => PromotePayload, {
    description:
      "Returns an exclusive stage to its previous holder, without checking gates. Repeat it to go further back; deleted versions are skipped.",
  })
  rollback(@Arg("input", () => RollbackInput) input: RollbackInput, @Ctx() context: Context) {
    return rollback(context, input);
  }

  @Mutation(() => VersionPayload, {
    description: "Approves a version for a stage. The approval lapses when the version's metadata changes.",
  })
  approve(@Arg("input", () => ApproveInput) input: ApproveInput, @Ctx() context: Context) {
    return approve(context, input);
  }

  @FieldResolver(() => Version, { description: "The version that was promoted, demoted or restored." })
  version(@Root() promotion: Promotion, @Ctx() { loaders }: Context) {
    return loaders.at(promotion).entity(promotion.versionId, Version);
  }

  @FieldResolver(() => Version, {
    nullable: true,
    description: "The version that held the exclusive stage just before; null if none did.",
  })
  previous(@Root() promotion: Promotion, @Ctx() { loaders }: Context) {
    return loaders.at(promotion).entityOrNull(promotion.previousId, Version);
  }
}

@Resolver(() => PromotePayload)
export class PromotePayloadResolver {
  @FieldResolver(() => Promotion, {
    nullable: true,
    description:
      "The entry in the history. Null for a dry run, unless the version already holds the stage: then it is the entry that put it there.",
  })
  promotion(@Root() { promotionId }: PromotionResult, @Ctx() { loaders }: Context) {
    return loaders.entityOrNull(promotionId, Promotion);
  }

  @FieldResolver(() => [GateResult], { description: "Result of each gate of the stage." })
  async gates(@Root() { gates, promotionId }: PromotionResult, @Ctx() { loaders }: Context) {
    return gates ?? (await loaders.entityOrNull(promotionId, Promotion))?.gates ?? [];
  }

  @FieldResolver(() => Version, {
    nullable: true,
    description: "The version that held the exclusive stage just before; null if none did.",
  })
  previous(@Root() { previousId }: PromotionResult, @Ctx() { loaders }: Context) {
    return loaders.entityOrNull(previousId, Version);
  }
}

@Resolver(() => Version)
export class VersionPromotionsResolver {
  @FieldResolver(() => [Approval], { description: "Approvals of the version, by stage." })
  approvals(@Root() version: Version, @Ctx() { loaders }: Context) {
    return loaders.approvals.load(version.id);
  }

  @FieldResolver(() => PromotionConnection, {
    description: "Promotions, demotions and rollbacks of the version, and those that displaced it, newest first.",
  })
  promotions(@Root() version: Version, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(version).related(promotions, version.id, page);
  }
}

@Resolver(() => Artifact)
export class ArtifactPromotionsResolver {
  @FieldResolver(() => PromotionConnection, {
    description: "Promotions, demotions and rollbacks of its versions, newest first.",
  })
  promotions(@Root() artifact: Artifact, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(artifact).related(artifactPromotions, artifact.key, page);
  }
}
