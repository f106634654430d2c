import { type PlainExecution, type PlainVersion, type Ref, versionsOf, type World } from "./state.ts";

function madeIn(world: World, run: string, version: PlainVersion): boolean {
  return world.links.some((link) => {
    const maker: PlainExecution = link.execution;
    return !link.reads && link.version === version && (maker.id === run || maker.run?.id === run);
  });
}

function candidates(world: World, { want }: Ref): PlainVersion[] {
  if (want.by === "id") return [want.version];
  const ready = ({ state }: PlainVersion) => state === "READY";
  if (want.by === "prefix") return [want.version].filter(ready);
  if (want.by === "digest")
    return versionsOf(world).filter((version) => ready(version) && digestOf(version.spec) === want.digest);
  if (want.by !== "name") return [];
  const artifact = world.artifacts.get(`${want.project}/${want.name}`);
  const of = (artifact?.versions ?? []).filter((version) => !want.run || madeIn(world, want.run, version));
  const { selector } = want;
  const named =
    selector === "latest"
      ? of.filter(ready).slice(-1)
      : of.filter((version) =>
          typeof selector === "number"
            ? version.number === selector
            : ready(version) && artifact?.names.get(selector)?.version === version,
        );
  return named.filter((version) => !want.kind || version.kind === want.kind);
}

/** The digest of a version with one file or a declared digest; that of several files is beyond the model. */
export function digestOf(spec: PlainVersion["spec"]): string | null {
  if (spec.files?.length) return spec.files.length === 1 ? (spec.files[0]?.digest ?? null) : "manifest";
  return spec.digest ?? null;
}

/** The version of a reference; adds what speaks against it to `problems`. */
export function resolve(world: World, ref: Ref, problems: Set<string>): PlainVersion | undefined {
  const [found, ...others] = candidates(world, ref);
  if (ref.want.by === "malformed") problems.add("INVALID_INPUT");
  else if (!found) problems.add("NOT_FOUND");
  else if (others.length) problems.add("AMBIGUOUS");
  return found;
}
