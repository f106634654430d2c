import { beforeAll } from "vitest";
import type { Api } from "../support/api.ts";

/** Creates an open and a secret project with a lineage through both. */
export function createPermitted(api: Api) {
  const { open, secret } = api.projects;
  const ids = { a: "", b: "", secret: "", made: "", run: "", step: "", hidden: "", child: "" };
  const bytes = { open: "open bytes", secret: "secret bytes" };
  const digests = { open: "", secret: "" };

  beforeAll(async () => {
    digests.open = await api.put(open, bytes.open);
    digests.secret = await api.put(secret, bytes.secret);
    const files = (digest: string) => [{ path: "f", digest }];
    ids.a = (await api.log({ project: open, name: "permitted/a", files: files(digests.open) })).version.id;
    // a (open) → hidden run → secret version, and one in the open project → run (open) → b (open).
    const outputs = [
      { name: "classified", files: files(digests.secret) },
      { project: open, name: "permitted/made" },
    ];
    const { run: hidden } = await api.publish({
      project: secret,
      name: "hidden",
      inputs: [{ version: ids.a }],
      outputs,
    });
    [ids.secret, ids.made] = hidden.outputs.nodes.map((slot) => slot.version.id) as [string, string];
    const inputs = [
      { slot: "x", version: ids.secret },
      { slot: "y", version: ids.made },
    ];
    const links = [
      { rel: "hidden", version: ids.secret },
      { rel: "shown", version: ids.a },
    ];
    const { run } = await api.publish({
      project: open,
      name: "shown",
      status: "RUNNING",
      inputs,
      steps: [{ name: "s", status: "RUNNING" }],
      outputs: [{ name: "permitted/b", links }],
    });
    const { run: child } = await api.publish({ project: secret, name: "child", parent: run.id });
    Object.assign(ids, {
      b: run.outputs.nodes[0]?.version.id,
      run: run.id,
      step: run.steps.nodes[0]?.id,
      hidden: hidden.id,
      child: child.id,
    });
  });

  return { open, secret, ids, bytes, digests };
}
export type Permitted = ReturnType<typeof createPermitted>;
