import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { KindFilter, MetadataFilter, StateFilter, StatusFilter, StringFilter, TimeFilter } from "./filters.ts";

/** Which things of a lineage; several fields are joined by AND. */
@InputType({
  description:
    "Which versions and executions of a lineage; several fields are joined by AND. A field that doesn't apply to a thing (`kind`, `artifact`, `tag`, `state`, `metadata` speak of versions, `status` and `pipeline` of executions) is neutral wherever it stands.",
})
export class LineageFilter {
  @Field(() => [LineageFilter], { nullable: true, description: "All of these hold." })
  and?: LineageFilter[] | null;
  @Field(() => [LineageFilter], { nullable: true, description: "One of these holds." })
  or?: LineageFilter[] | null;
  @Field(() => LineageFilter, { nullable: true, description: "This doesn't hold." })
  not?: LineageFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The project's name." })
  project?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The name of a version's artifact." })
  artifact?: StringFilter | null;
  @Field(() => KindFilter, { nullable: true, description: "The kind of a version." })
  kind?: KindFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "One of a version's tags." })
  tag?: StringFilter | null;
  @Field(() => StateFilter, { nullable: true, description: "Whether a version is there." })
  state?: StateFilter | null;
  @Field(() => StatusFilter, { nullable: true, description: "Where a run or step stands." })
  status?: StatusFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "The pipeline of a run, or of a step's run." })
  pipeline?: StringFilter | null;
  @Field(() => TimeFilter, { nullable: true, description: "When it was logged, or created." })
  createdAt?: TimeFilter | null;
  @Field(() => [MetadataFilter], { nullable: true, description: "All of these hold of a version's metadata." })
  metadata?: MetadataFilter[] | null;
}
