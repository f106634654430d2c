import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { KindFilter, MetadataFilter, StateFilter, StatusFilter, StringFilter, TimeFilter } from "./filters.ts";

@InputType({
  description:
    "Selects nodes of a lineage; all given fields must match. `kind`, `artifact`, `tag`, `state` and `metadata` apply to versions, `status` and `pipeline` to runs and steps; a field that does not apply to a node is ignored for that node.",
})
export class LineageFilter {
  @Field(() => [LineageFilter], { nullable: true, description: "All of these filters match." })
  and?: LineageFilter[] | null;
  @Field(() => [LineageFilter], { nullable: true, description: "At least one of these filters matches." })
  or?: LineageFilter[] | null;
  @Field(() => LineageFilter, { nullable: true, description: "This filter does not match." })
  not?: LineageFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of the project." })
  project?: StringFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Name of a version's artifact." })
  artifact?: StringFilter | null;
  @Field(() => KindFilter, { nullable: true, description: "Kind of a version." })
  kind?: KindFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "At least one of a version's tags matches." })
  tag?: StringFilter | null;
  @Field(() => StateFilter, { nullable: true, description: "State of a version: READY or DELETED." })
  state?: StateFilter | null;
  @Field(() => StatusFilter, { nullable: true, description: "Status of a run or step." })
  status?: StatusFilter | null;
  @Field(() => StringFilter, { nullable: true, description: "Pipeline of a run, or of a step's run." })
  pipeline?: StringFilter | null;
  @Field(() => TimeFilter, { nullable: true, description: "When a version was logged, or a run or step recorded." })
  createdAt?: TimeFilter | null;
  @Field(() => [MetadataFilter], {
    nullable: true,
    description: "A version's metadata matches all of these conditions.",
  })
  metadata?: MetadataFilter[] | null;
}
