import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startProcess } from "../support/process.ts";
import { engines, freshProject, startTestService, type TestService } from "../support/service.ts";
import { describeStores, type Kept } from "../support/stores.ts";

const parquet = fileURLToPath(new URL("../../node_modules/vega-datasets/data/flights-3m.parquet", import.meta.url));
const logVersion =
  "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id files { previewUrl } } } }";
type Logged = { logVersion: { version: { id: string; files: { previewUrl: string | null }[] } } };

describeStores("previews", ({ open }) => {
  let service: TestService;
  let kept: Kept;
  beforeAll(async () => {
    kept = await open();
    await kept.store.check();
    service = await startTestService(engines[0], { LOG_LEVEL: "silent" }, { blobs: kept.store });
  });
  afterAll(async () => {
    await service?.close();
    await kept?.end();
  });

  const log = async (path: string, bytes: Buffer | string) => {
    const project = freshProject();
    const input = { project, name: "a", files: [{ path, digest: await service.put(project, bytes) }] };
    return (await service.data<Logged>(logVersion, { input })).logVersion.version;
  };
  const show = async (path: string, bytes: Buffer | string) => {
    const { files } = await log(path, bytes);
    return fetch(`${service.url}${files[0]?.previewUrl}`);
  };
  const table = async (path: string, bytes: Buffer | string) =>
    (await show(path, bytes)).json() as Promise<{
      columns: { name: string; type: string }[];
      rows: unknown[][];
      rowCount: number | null;
      truncated: boolean;
    }>;

  it("the preview of a text table has columns and rows", async () => {
    expect(await table("a b/日.csv", '\ufeffid,x,ok,"na,me"\n1,1.5,true,"a ""b"""\n-2,,FALSE,c\n')).toEqual({
      columns: [
        { name: "id", type: "integer" },
        { name: "x", type: "number" },
        { name: "ok", type: "boolean" },
        { name: "na,me", type: "string" },
      ],
      rows: [
        ["1", "1.5", "true", 'a "b"'],
        ["-2", "", "FALSE", "c"],
      ],
      rowCount: 2,
      truncated: false,
    });
    expect(await table("a.tsv", "a\tb\n1\t2\n")).toMatchObject({ rows: [["1", "2"]] });
    expect(await table("a.csv", "")).toEqual({ columns: [], rows: [], rowCount: 0, truncated: false });
  });

  it("the preview of a large table has its first rows, whole lines only", async () => {
    const line = `${"x".repeat(100)},1\n`;
    const large = await table("a.csv", `a,b\n${line.repeat(30_000)}`);
    expect(large.rows).toHaveLength(100);
    expect(large).toMatchObject({ rowCount: null, truncated: true });
    const wide = await table("a.csv", `a,b\n${`${"y".repeat(500_000)},1\n`.repeat(3)}`);
    expect(wide.rows.map((row) => String(row[0]).length)).toEqual([500_000, 500_000]);
  });

  it("the preview of a damaged image breaks off", async () => {
    const { files } = await log("a.png", Buffer.alloc(300_000, 7));
    await kept.damage((bytes) => (bytes.length === 300_000 ? Buffer.alloc(300_000, 8) : bytes));
    const read = async () => {
      const answer = await fetch(`${service.url}${files[0]?.previewUrl}`);
      await answer.arrayBuffer();
      return answer.status;
    };
    expect(await read().catch(() => "broken off")).toBe("broken off");
  });

  it("the preview of a parquet file has schema and first rows, and a broken parquet file is refused", async () => {
    const shown = await table("flights.parquet", await readFile(parquet));
    expect(shown.columns.length).toBeGreaterThan(2);
    expect(shown.rows).toHaveLength(100);
    expect(shown.rows[0]).toHaveLength(shown.columns.length);
    expect(shown.rowCount).toBeGreaterThan(2_000_000);
    expect(shown.truncated).toBe(true);
    for (const bytes of ["no parquet", "PAR1", "", `PAR1${"\0".repeat(100)}PAR1`]) {
      expect(await table("a.parquet", bytes)).toMatchObject({ status: 400, code: "INVALID_INPUT", field: "path" });
    }
  });

  it.each([
    ["a.json", '{"a":1}', "application/json"],
    ["a.json", '{"a":', "text/plain"],
    ["a.vl.json", '{"$schema":"https://vega.github.io/schema/vega-lite/v5.json"}', "application/vnd.vegalite.v5+json"],
    ["a.MD", "# a", "text/markdown"],
    ["a.txt", "a", "text/plain"],
    ["a.js", "alert(1)", "text/plain"],
    ["a.html", "<script>alert(1)</script>", "text/html"],
    [
      "a.svg",
      "<?xml version='1.0'?><!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd'><svg xmlns='http://www.w3.org/2000/svg'><style>*{stroke-linejoin: round}</style><use href='#m1'/><image href='data:image/png;base64,AA=='/><text>script, object: one</text></svg>",
      "image/svg+xml",
    ],
    ["a.PNG", "\u0089PNG", "image/png"],
  ])("the preview of %s (%s) is shown, and runs nothing", async (path, bytes, type) => {
    const shown = await show(path, bytes);
    expect([shown.status, await shown.text()]).toEqual([200, bytes]);
    expect(shown.headers.get("content-type")).toContain(type);
    expect(shown.headers.get("x-content-type-options")).toBe("nosniff");
    const policy = shown.headers.get("content-security-policy")?.split("; ");
    expect(policy).toEqual(expect.arrayContaining(["sandbox", "default-src 'none'"]));
    expect(policy?.join()).not.toMatch(/script|allow-/);
  });

  it.each([
    "<svg><script>alert(1)</script></svg>",
    "<svg xmlns:x='http://www.w3.org/2000/svg'><x:SCRIPT href='x'/></svg>",
    "<svg onload='alert(1)'/>",
    "<svg><image href='x'\nonerror = 'alert(1)'/></svg>",
    "<svg><a href='java&#115;cript:alert(1)'/></svg>",
    "<svg><a href='&#x6a;ava\tscript:alert(1)'/></svg>",
    "<svg><a xlink:href=' data:text/html,<b>'/></svg>",
    "<svg><set attributeName='onclick' to='alert(1)'/></svg>",
    "<!DOCTYPE svg [<!ENTITY x '<script>'>]><svg>&x;</svg>",
    "<?xml-stylesheet type='text/xsl' href='x'?><svg/>",
    "<svg><foreignObject><iframe src='x'/></foreignObject></svg>",
    Buffer.from("\ufeff<svg><script/></svg>", "utf16le"),
    `<svg><set attributeName=${" ".repeat(2_000_000)} onclick/></svg>`,
  ])("the preview of a drawing that could run something is refused: %.60s", async (bytes) => {
    expect(await (await show("a.svg", bytes)).json()).toMatchObject({
      status: 400,
      code: "INVALID_INPUT",
      field: "path",
    });
  });

  it("the preview of a long text is its beginning, and a file that is too large has none", async () => {
    const text = await show("a.txt", `x${"é".repeat(1_000_000)}`);
    expect(await text.text()).toBe(`x${"é".repeat(524_287)}`);
    expect(text.headers.get("preview-truncated")).toBe("true");
    for (const [path, size] of [
      ["a.json", 5 * 2 ** 20 + 1],
      ["a.html", 5 * 2 ** 20 + 1],
      ["a.png", 20 * 2 ** 20 + 1],
    ] as const) {
      expect(await (await show(path, Buffer.alloc(size, 32))).json()).toMatchObject({
        status: 413,
        code: "TOO_LARGE",
        limit: size - 1,
      });
    }
  });

  it("other types, hostile paths and deleted versions have no preview", async () => {
    const { id, files } = await log("model.pkl", "x");
    expect(files).toEqual([{ previewUrl: null }]);
    const refusal = async (path: string) => (await fetch(`${service.url}/versions/${id}/preview/${path}`)).json();
    expect(await refusal("model.pkl")).toMatchObject({ status: 400, code: "INVALID_INPUT", field: "path" });
    for (const path of [
      "..%2Fx.csv",
      "%252e%252e%2Fx.csv",
      "a%5C..%5Cx.csv",
      "a%2F%2Fx.csv",
      "C:x.csv",
      "a%00.csv",
      "a%2500.csv",
      "%2Fetc%2Fpasswd.csv",
      "%ED%A0%80.csv",
      `${"x".repeat(4_096)}.csv`,
    ]) {
      expect(await refusal(path)).toMatchObject({ status: 400, code: "INVALID_INPUT", field: "path" });
    }
    expect(await refusal("none.csv")).toMatchObject({ status: 404, code: "NOT_FOUND" });
    await service.data("mutation ($ref: VersionRef!) { deleteVersion(input: { ref: $ref }) { version { id } } }", {
      ref: id,
    });
    expect(await refusal("model.pkl")).toMatchObject({ status: 410, code: "GONE" });
  });
});

it("the built service reads parquet in a process of its own", async () => {
  const service = await startProcess();
  const project = freshProject();
  const digest = await service.put(project, await readFile(parquet));
  const input = { project, name: "a", files: [{ path: "a.parquet", digest }] };
  const { version } = (await service.data<Logged>(logVersion, { input })).logVersion;
  const shown = await fetch(`${service.url}${version.files[0]?.previewUrl}`);
  expect([shown.status, ((await shown.json()) as { rows: unknown[] }).rows.length]).toEqual([200, 100]);
});
