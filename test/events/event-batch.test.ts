import { describe, expect, it } from "vitest";
import { EventBatch, type RenderedEvent, Renderings } from "../../src/domain/events/event-batch.ts";
import { Event } from "../../src/model/event.ts";

function eventsFrom(first: number, count: number): Event[] {
  return Array.from({ length: count }, (_, i) =>
    Object.assign(new Event(), { seq: first + i, projectName: i % 2 ? "odd" : "even" }),
  );
}

/** Renders events as JSON of so many bytes, and counts how often each was rendered. */
function createRenderer(bytes = 2) {
  const rendered: number[] = [];
  const render = async ({ seq }: Event): Promise<RenderedEvent> => {
    rendered.push(seq);
    return { json: Buffer.alloc(bytes, "x"), cursor: String(seq) };
  };
  return { rendered, render };
}

function isOdd({ projectName }: Event): boolean {
  return projectName === "odd";
}

describe("a batch of events", () => {
  it("selects once for all readers with equal criteria", async () => {
    const batch = new EventBatch(eventsFrom(1, 4), new Renderings());
    let calls = 0;
    const select = (events: readonly Event[]) => {
      calls += 1;
      return events.filter(isOdd);
    };
    const [first, second] = await Promise.all([batch.select("odd", select), batch.select("odd", select)]);
    expect(first).toBe(second);
    expect(first.events.map(({ seq }) => seq)).toEqual([2, 4]);
    expect(calls).toBe(1);
  });

  it("selects again after a selection that failed", async () => {
    const batch = new EventBatch(eventsFrom(1, 2), new Renderings());
    await expect(batch.select("all", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
    expect((await batch.select("all", (events) => events)).events).toHaveLength(2);
  });

  it("renders an event once for a document, whatever selections and batches it is in", async () => {
    const renderings = new Renderings();
    const [events, { rendered, render }] = [eventsFrom(1, 4), createRenderer()];
    const [batch, later] = [new EventBatch(events, renderings), new EventBatch(events.slice(2), renderings)];
    const all = await batch.select("all", (some) => some);
    const odd = await batch.select("odd", (some) => some.filter(isOdd));
    const tail = await later.select("all", (some) => some);
    await Promise.all([all, odd, tail, all].map((selection) => selection.render("document", render)));
    expect(rendered).toEqual([1, 2, 3, 4]);
    expect(await all.render("document", render)).toBe(await all.render("document", render));
    await all.render("another document", render);
    expect(rendered).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
  });

  it("encodes rendered events once for a transport, in chunks of about 64 KiB", async () => {
    const batch = new EventBatch(eventsFrom(1, 5), new Renderings());
    const selection = await batch.select("all", (events) => events);
    const events = await selection.render("document", createRenderer(40_000).render);
    const sizes: number[] = [];
    const encode = () =>
      events.encode("lines", (some) => {
        sizes.push(some.length);
        return { bytes: Buffer.concat(some.map(({ json }) => json)), idOffsets: [], freeCopies: [] };
      });
    expect(encode()).toBe(encode());
    expect(sizes).toEqual([2, 2, 1]);
  });

  it("drops what was rendered first when everything together takes more than 16 MiB", async () => {
    const batch = new EventBatch(eventsFrom(1, 6), new Renderings());
    const { rendered, render } = createRenderer(4 * 2 ** 20);
    const one = (seq: number) => batch.select(String(seq), (events) => events.filter((event) => event.seq === seq));
    for (let seq = 1; seq <= 6; seq++) await (await one(seq)).render("document", render);
    expect(rendered).toEqual([1, 2, 3, 4, 5, 6]);
    await (await one(6)).render("document", render);
    expect(rendered).toHaveLength(6);
    await (await one(1)).render("document", render);
    expect(rendered).toEqual([1, 2, 3, 4, 5, 6, 1]);
  });
});
