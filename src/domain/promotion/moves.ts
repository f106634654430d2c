import * as v from "valibot";
import type { Transaction } from "../../ports/graph-store.ts";
import { nullable, statement } from "../../ports/statement.ts";
import { type PromotionRow, promotionRow } from "../core/promotion-row.ts";
import type { VersionRow } from "../core/version-row.ts";
import { slotKey } from "./stage-holders.ts";
import { getDisplacementStage, type Stages } from "./stages.ts";

/** The properties of a holder node: a version in a stage of its artifact. `place` is `<artifact key>:<stage>`; `promotion` brought it there. */
const holderRow = v.object({
  place: v.string(),
  project: v.string(),
  artifactKey: v.string(),
  stage: v.string(),
  version: v.string(),
  number: v.number(),
  since: v.number(),
  promotion: v.string(),
});
type Holder = v.InferOutput<typeof holderRow>;

/** A version that moves from one stage to another; null stands for no stage. */
export interface Move {
  version: string;
  number: number;
  from: string | null;
  to: string | null;
}

/** What one action changes in the graph. A place that goes from one version to another keeps its node (`handedOver`). */
const actionRow = v.object({
  promotion: promotionRow,
  /** An empty text stands for no stage. */
  moves: v.array(v.object({ version: v.string(), from: v.string(), to: v.string() })),
  /** The versions whose holder nodes are deleted. */
  left: v.array(v.string()),
  handedOver: v.array(holderRow),
  joined: v.array(holderRow),
});
type ActionRow = v.InferOutput<typeof actionRow>;

const findHolders = statement({
  name: "find-holders",
  params: { places: v.array(v.string()), version: nullable(v.string()) },
  row: { holder: holderRow },
});
const recordPromotions = statement({
  name: "record-promotions",
  params: { actions: v.array(actionRow), forever: v.number() },
  row: { id: v.string() },
});

/** The end of a stay in a stage that has not ended. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** The holders of an artifact's exclusive stages, by stage, and what one of its versions holds itself. */
export interface Occupancy {
  holders: Map<string, Holder>;
  own: Holder | null;
}

/** The holders of an artifact's exclusive stages, and the stage that `version` (an id) is in. */
export async function findOccupancy(
  run: Transaction["run"],
  stages: Stages,
  artifactKey: string,
  version: string | null,
): Promise<Occupancy> {
  const exclusive = [...stages.values()].filter((stage) => stage.exclusive);
  const places = exclusive.map(({ name }) => slotKey(artifactKey, name));
  const rows = (await run(findHolders, { places, version })).map(({ holder }) => holder);
  const inExclusive = rows.filter((holder) => stages.get(holder.stage)?.exclusive);
  return {
    holders: new Map(inExclusive.map((holder) => [holder.stage, holder])),
    own: rows.find((holder) => holder.version === version) ?? null,
  };
}

/**
 * The moves that bring a version into a stage: first its own, then that of the stage's holder, and so on for as long as one displaces the next.
 */
export function planMoves(stages: Stages, occupancy: Occupancy, row: VersionRow, stage: string): Move[] {
  const moves: Move[] = [{ version: row.id, number: row.number, from: occupancy.own?.stage ?? null, to: stage }];
  for (let entered: string | null = stage; entered !== null; ) {
    const rules = stages.get(entered);
    const holder = rules?.exclusive ? occupancy.holders.get(entered) : undefined;
    if (!rules || !holder || holder.version === row.id) break;
    const to = getDisplacementStage(rules);
    moves.push({ version: holder.version, number: holder.number, from: entered, to });
    entered = to;
  }
  return moves;
}

function toActionRow(promotion: PromotionRow, moves: Move[], isExclusive: (stage: string) => boolean): ActionRow {
  const { artifactKey, project, at: since, id } = promotion;
  const arriving = moves.flatMap(({ version, number, to }): Holder[] =>
    to === null
      ? []
      : [{ place: slotKey(artifactKey, to), project, artifactKey, stage: to, version, number, since, promotion: id }],
  );
  const vacated = new Set(moves.flatMap(({ from }) => (from !== null && isExclusive(from) ? [from] : [])));
  const isHandedOver = (stage: string): boolean =>
    vacated.has(stage) && arriving.some((holder) => holder.stage === stage);
  return {
    promotion,
    moves: moves.map(({ version, from, to }) => ({ version, from: from ?? "", to: to ?? "" })),
    left: moves.filter(({ from }) => from !== null && !isHandedOver(from)).map(({ version }) => version),
    handedOver: arriving.filter(({ stage }) => isHandedOver(stage)),
    joined: arriving.filter(({ stage }) => !isHandedOver(stage)),
  };
}

/** Records one action in the history and makes its moves. The project's stages and the artifact are locked. */
export async function recordMoves(
  run: Transaction["run"],
  stages: Stages,
  moves: Move[],
  promotion: PromotionRow,
): Promise<void> {
  const action = toActionRow(promotion, moves, (stage) => stages.get(stage)?.exclusive ?? false);
  await run(recordPromotions, { actions: [action], forever: NEVER });
}

/** Records that versions left their stages and are in none now, each by its own action. Their artifacts are locked. */
export async function recordDepartures(
  run: Transaction["run"],
  departures: { row: VersionRow; promotion: PromotionRow }[],
): Promise<void> {
  const actions = departures.map(({ row, promotion }) => {
    const move = { version: row.id, number: row.number, from: promotion.stage, to: null };
    return toActionRow(promotion, [move], () => false);
  });
  if (actions.length) await run(recordPromotions, { actions, forever: NEVER });
}
