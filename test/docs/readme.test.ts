import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runDemo } from "../../demo/demo.ts";
import { connect } from "../../src/client/client.ts";
import { openEventSource } from "../support/event-source.ts";
import { engines, startTestService, type TestService } from "../support/service.ts";

const root = new URL("../../", import.meta.url);
const pages = ["README.md", ...readdirSync(new URL("docs", root)).map((name) => `docs/${name}`)];

const missing = ["bash", "curl", "python3"].filter((name) => spawnSync(name, ["--version"]).status !== 0);
if (missing.length)
  process.stderr.write(`!!! NO ${missing.join(", ")}: the suite of the README's snippets is SKIPPED\n`);

interface Snippet {
  language: string;
  text: string;
  title: string;
  /** The response that follows it on the page. */
  answer: string | null;
}

/** The fenced snippets of a page in order; a block of JSON or plain text after a snippet is its response. */
function snippetsOf(page: string): Snippet[] {
  const text = readFileSync(new URL(page, root), "utf8");
  const found: Snippet[] = [];
  let heading = "";
  for (const [, title, language = "", body = ""] of text.matchAll(/^#+ (.+)$|^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (title) heading = title;
    const last = found.at(-1);
    if (["json", "text"].includes(language) && last?.title.startsWith(heading) && !last.answer) last.answer = body;
    else if (language)
      found.push({ language, text: body, title: `${heading}: ${body.slice(0, 60).trim()}`, answer: null });
  }
  return found;
}

/** Whether a shell snippet calls the service; the others install, start and test. */
function calls(text: string): boolean {
  return text.includes("curl ");
}
function runs({ language, text }: Snippet): boolean {
  return ["graphql", "python"].includes(language) || (language === "sh" && calls(text));
}

/** JSON, or else plain text. */
function parsed(text: string): unknown {
  return /^[[{]/.test(text) ? JSON.parse(text) : text.trim();
}

/** `...` in a response stands for anything. */
function loosened(value: unknown): unknown {
  if (value === "...") return expect.any(String);
  if (Array.isArray(value)) return value.map(loosened);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, loosened(inner)]));
}

describe.skipIf(missing.length)("snippets of the documentation", () => {
  let service: TestService;
  let folder: string;
  let blanks: Record<string, string>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pedigree-readme-"));
    const [embedded] = engines;
    service = await startTestService(embedded, { PEDIGREE_WEBHOOK_ALLOW: "192.0.2.0/24" });
    const { head } = await service.data<{ head: string }>("{ head }");
    const [run = ""] = await runDemo(connect(service), "weather", () => {});
    const about = `mutation {
      setAlias(input: { ref: "weather/model:1", alias: "champion" }) { version { id digest } }
      updateVersion(input: { ref: "weather/model:1", versionName: "shallow" }) { version { id } }
    }`;
    const { setAlias } = await service.data<{ setAlias: { version: { id: string; digest: string } } }>(about);
    const { id, digest } = setAlias.version;
    blanks = {
      ...{ "head or cursor": head, "time, as 2026-03-01T00:00:00Z": new Date().toISOString() },
      ...{ alias: "champion", "version name": "shallow", "run id": run },
      ...{ id, "the first 6 or more characters of an id": id.slice(0, 8), digest: digest.slice("sha256:".length) },
      "https address of your receiver": "https://192.0.2.1/",
    };
  });
  afterAll(async () => {
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Fills in the blanks and sends the text to the service of this test. */
  const filled = (text: string): string =>
    text.replaceAll("http://127.0.0.1:4000", service.url).replace(/<([^<>\n]+)>/g, (whole, blank: string) => {
      const value = blanks[blank];
      if (value === undefined) throw new Error(`${whole} is no blank that this test can fill`);
      return value;
    });

  const run = async (command: string, ...args: string[]): Promise<string> =>
    (await promisify(execFile)(command, args, { cwd: folder })).stdout;

  /** The first event of an endless stream. */
  const firstEvent = async (script: string): Promise<string> => {
    const child = spawn("bash", ["-c", `exec ${script}`], { cwd: folder });
    let said = "";
    for await (const chunk of child.stdout) {
      said += chunk;
      if (/^event: next\ndata: .*\n\n/m.test(said)) break;
    }
    child.kill();
    return /^data: (.*)$/m.exec(said)?.[1] ?? "";
  };

  const ask = async (query: string): Promise<unknown> => {
    if (!query.startsWith("subscription")) return service.ask(query);
    const source = await openEventSource(service.url, query, {}, { post: true });
    return (await source.next())?.data;
  };

  const perform = async ({ language, text }: Snippet): Promise<unknown> => {
    if (language === "graphql") return ask(filled(text));
    if (language === "python") return run("python3", "-c", filled(text));
    return filled(text).startsWith("curl -N") ? firstEvent(filled(text)) : run("bash", "-ec", filled(text));
  };

  describe.each(pages.filter((page) => snippetsOf(page).some(runs)))("%s", (page) => {
    it.each(snippetsOf(page).filter(runs))('the snippet "$title" succeeds', async (snippet) => {
      const answer = await perform(snippet);
      const said = typeof answer === "string" ? answer : JSON.stringify(answer);
      expect(said).not.toMatch(/"errors":|"code":"[A-Z_]+"|^$/);
      if (snippet.answer) expect(parsed(said)).toEqual(loosened(parsed(snippet.answer)));
    });
  });

  it("every form of reference that the README lists finds a version", async () => {
    const [, section = ""] = readFileSync(new URL("README.md", root), "utf8").split("\n## Name a version\n");
    const rows = section.split("\n## ")[0]?.match(/^\| `.*$/gm) ?? [];
    const names = rows.flatMap((row) =>
      [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
    );
    expect(names.length).toBeGreaterThan(8);
    for (const name of names) {
      const { version } = await service.data<{ version: { uri: string } }>(
        "query ($ref: VersionRef!) { version(ref: $ref) { uri } }",
        { ref: filled(name) },
      );
      expect([name, version.uri]).toEqual([name, expect.stringMatching(/^store:\/\/model\/weather\/model:[12]$/)]);
    }
  });

  it("every link of the documentation leads to an existing page and heading", () => {
    const slug = (heading: string) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-");
    for (const page of [...pages, "CONTRIBUTING.md"]) {
      const here = new URL(page, root);
      for (const [, target = ""] of readFileSync(here, "utf8").matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
        const [file = "", anchor] = target.split("#");
        const there = new URL(file || page.split("/").at(-1) || "", here);
        if (!anchor)
          expect([page, target, spawnSync("test", ["-e", there.pathname]).status]).toEqual([page, target, 0]);
        else
          expect(
            readFileSync(there, "utf8")
              .match(/^#+ .+$/gm)
              ?.map((line) => slug(line.replace(/^#+ /, ""))),
          ).toContain(anchor);
      }
    }
  });
});
