import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildSchema, parse, validate } from "graphql";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runDemo } from "../../demo/demo.ts";
import { connect } from "../../src/client/client.ts";
import { defaultTabs } from "../../web/tabs.ts";
import { engines, startTestService, type TestService } from "../support/service.ts";

const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
const missing = !existsSync(executablePath);
if (missing) process.stderr.write(`!!! NO ${executablePath}: the suite of the page is SKIPPED (set CHROMIUM)\n`);

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The variables that a tab's comment offers to paste. */
const noteToPaste = defaultTabs.map(({ query }) => /^#\s+(mutation .*)$/m.exec(query)?.[1]).find(Boolean) ?? "";

it("the tabs of GraphiQL ask only for fields of the schema", () => {
  const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
  expect(defaultTabs).toHaveLength(4);
  for (const query of [...defaultTabs.map((tab) => tab.query), noteToPaste]) {
    expect(validate(schema, parse(query))).toEqual([]);
  }
});

describe.skipIf(missing)("GraphiQL in Chromium", () => {
  let service: TestService;
  let browser: Browser;
  let page: Page;
  let requests: string[];
  let complaints: string[];

  beforeAll(async () => {
    // Builds only what is missing or older than its source.
    await promisify(execFile)(process.execPath, [fileURLToPath(new URL("../../scripts/page.mjs", import.meta.url))]);
    const [embedded] = engines;
    service = await startTestService(embedded);
    await runDemo(connect(service), "weather", () => {});
    browser = await chromium.launch({ executablePath, args: flags });
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close();
  });

  beforeEach(async () => {
    requests = [];
    complaints = [];
    // A separate context, because the page remembers its tabs.
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    page = await context.newPage();
    page.on("request", (request) => requests.push(request.url()));
    page.on("websocket", (socket) => requests.push(socket.url()));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
    await page.goto(`${service.url}/graphiql/`);
    await page.waitForSelector(".graphiql-query-editor .view-line");
  });
  afterEach(() => page.context().close());

  const run = () => page.click("button.graphiql-execute-button");
  /** The document that the page has parsed last. */
  const kept = async () => {
    const { origins } = await page.context().storageState();
    return origins[0]?.localStorage.find(({ name }) => name === "graphiql:query")?.value ?? "";
  };
  /** Opens a tab and waits until the page has parsed its document; before that it would send the previous operation name. */
  const openTab = async (operation: string) => {
    await page.locator(".graphiql-tab").filter({ hasText: operation }).locator("button").first().click();
    await expect.poll(kept, { timeout: 10_000 }).toContain(operation);
  };
  /** Waits until the response contains a text; the editor shows spaces as non-breaking ones. */
  const answerHolds = (text: string, timeout = 10_000) =>
    page.locator(".result-window").filter({ hasText: text }).waitFor({ timeout });
  /** The page does not show when a subscription has begun: logs versions until one arrives. */
  const logUntilShown = async (name: string) => {
    const log = noteToPaste.replace('"note"', `"${name}"`);
    const shown = async () => {
      await service.data(log);
      return answerHolds(`store://artifact/weather/${name}`, 500).then(
        () => true,
        () => false,
      );
    };
    await expect.poll(shown, { timeout: 15_000 }).toBe(true);
  };
  const elsewhere = () => {
    const host = new URL(service.url).host;
    return requests.filter((url) => !/^(data|blob):/.test(url) && new URL(url).host !== host);
  };

  it("the first tab of GraphiQL runs its query, and no request leaves the host", async () => {
    await run();
    await answerHolds("store://model/weather/model:2");
    expect(requests).toContain(`${service.url}/graphql`);
    expect(elsewhere()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("the second tab of GraphiQL runs its query", async () => {
    await openTab("NewestVersions");
    await run();
    await answerHolds('"totalCount": 11');
    expect(complaints).toEqual([]);
  });

  it("the subscription tab of GraphiQL shows versions as they are logged", async () => {
    await openTab("VersionsAsTheyArrive");
    await run();
    await logUntilShown("note");
    expect(requests).toContain(`${service.url.replace("http", "ws")}/graphql`);
    expect(elsewhere()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("the last tab of GraphiQL shows where the event log ends and follows it", async () => {
    const choose = async (operation: string) => {
      await run();
      await page.getByRole("menuitem", { name: operation }).click();
    };
    await openTab("WhereTheLogEnds");
    await choose("WhereTheLogEnds");
    await answerHolds('"head": "');
    await choose("EverythingFromThere");
    await logUntilShown("late");
    expect(complaints).toEqual([]);
  });
});
