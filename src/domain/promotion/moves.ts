import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { PromotionRow } from "../core/promotion-row.ts";
import type { VersionRow } from "../core/version-row.ts";
import { slotKey } from "./holders.ts";
import { displacedTo, type Stages } from "./stages.ts";

/** A version in a stage of its artifact, since when, and by which promotion. `place` is `<artifact key>:<stage>`. */
export interface Holder {
  [name: string]: string | number;
  place: string;
  project: string;
  artifactKey: string;
  stage: string;
  version: string;
  number: number;
  since: number;
  promotion: string;
}

/** A version that leaves a stage for another, or for none. */
export interface Move {
  version: string;
  number: number;
  from: string | null;
  to: string | null;
}

type Moved = { version: string; from: string; to: string };
const holdersAt = statement<{ places: string[]; version: string | null }, { holder: Holder }>("find-holders");
interface Action {
  [name: string]: Value;
  promotion: PromotionRow;
  moves: Moved[];
  left: string[];
  taken: Holder[];
  joined: Holder[];
}
const recordPromotions = statement<{ actions: Action[]; forever: number }, { id: string }>("record-promotions");

/** The end of what has not ended. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** Who stands in the exclusive stages of an artifact, and where a version itself stands. */
export interface Occupancy {
  holders: Map<string, Holder>;
  own: Holder | null;
}

/** Who stands where in an artifact, of what a move may touch. */
export async function findOccupancy(
  run: Transaction["run"],
  stages: Stages,
  artifactKey: string,
  version: string | null,
): Promise<Occupancy> {
  const exclusive = [...stages.values()].filter((stage) => stage.exclusive);
  const places = exclusive.map(({ name }) => slotKey(artifactKey, name));
  const rows = (await run(holdersAt, { places, version })).map(({ holder }) => holder);
  const held = rows.filter((holder) => stages.get(holder.stage)?.exclusive);
  return {
    holders: new Map(held.map((holder) => [holder.stage, holder])),
    own: rows.find((holder) => holder.version === version) ?? null,
  };
}

/** What moves when a version goes into a stage: it, who held the stage before, and so on as far as one displaces the next. */
export function planMoves(stages: Stages, standing: Occupancy, row: VersionRow, stage: string): Move[] {
  const moves: Move[] = [{ version: row.id, number: row.number, from: standing.own?.stage ?? null, to: stage }];
  for (let place: string | null = stage; place !== null; ) {
    const rules = stages.get(place);
    const holder = rules?.exclusive ? standing.holders.get(place) : undefined;
    if (!rules || !holder || holder.version === row.id) break;
    const to = displacedTo(rules);
    moves.push({ version: holder.version, number: holder.number, from: place, to });
    place = to;
  }
  return moves;
}

/** What changes in the graph by one action; a place that changes hands keeps its node. */
function toAction(promotion: PromotionRow, moves: Move[], isExclusive: (stage: string) => boolean): Action {
  const { artifactKey, project, at: since, id } = promotion;
  const arriving = moves.flatMap(({ version, number, to }): Holder[] =>
    to === null
      ? []
      : [{ place: slotKey(artifactKey, to), project, artifactKey, stage: to, version, number, since, promotion: id }],
  );
  const vacated = new Set(moves.flatMap(({ from }) => (from !== null && isExclusive(from) ? [from] : [])));
  const changesHands = (stage: string): boolean =>
    vacated.has(stage) && arriving.some((holder) => holder.stage === stage);
  return {
    promotion,
    moves: moves.map(({ version, from, to }) => ({ version, from: from ?? "", to: to ?? "" })),
    left: moves.filter(({ from }) => from !== null && !changesHands(from)).map(({ version }) => version),
    taken: arriving.filter(({ stage }) => changesHands(stage)),
    joined: arriving.filter(({ stage }) => !changesHands(stage)),
  };
}

/** Records one action in the history, and moves what it moves. The project's stages and the artifact are locked. */
export async function recordMoves(
  run: Transaction["run"],
  stages: Stages,
  moves: Move[],
  promotion: PromotionRow,
): Promise<void> {
  const action = toAction(promotion, moves, (stage) => stages.get(stage)?.exclusive ?? false);
  await run(recordPromotions, { actions: [action], forever: NEVER });
}

/** Records that versions left their stages for none, each by an action of its own. Their artifacts are locked. */
export async function recordDepartures(
  run: Transaction["run"],
  leaving: { row: VersionRow; promotion: PromotionRow }[],
): Promise<void> {
  const actions = leaving.map(({ row, promotion }) => {
    const move = { version: row.id, number: row.number, from: promotion.stage, to: null };
    return toAction(promotion, [move], () => false);
  });
  if (actions.length) await run(recordPromotions, { actions, forever: NEVER });
}
