import { expect, it } from "vitest";
import { limitGuesses } from "../../src/auth/limit-guesses.ts";
import { DomainError, Overloaded } from "../../src/domain/core/errors.ts";
import { useApi } from "../support/api.ts";
import { describeEngines } from "../support/service.ts";

const actor = { name: "ada", grants: [] };

/** Accepts the tokens "good" and "new" of an authenticator whose clock the test sets. */
function createLimited() {
  const clock = { now: 0 };
  let looked = 0;
  const authenticate = limitGuesses(
    async (token) => {
      looked += 1;
      if (token === "good" || token === "new") return actor;
      throw new DomainError("UNAUTHENTICATED", "unknown token", {});
    },
    () => clock.now,
  );
  const guess = async (count: number, address: string) => {
    const before = looked;
    for (let i = 0; i < count; i++) await authenticate(`guess ${i}`, address).catch(() => undefined);
    return looked - before;
  };
  return { clock, authenticate, guess };
}

it("guesses of a token are looked at 50 times per address, and twice per second later", async () => {
  const { clock, guess } = createLimited();
  expect(await guess(7_000, "10.0.0.1")).toBe(50);
  expect(await guess(10, "10.0.0.2")).toBe(10);
  clock.now = 5_000;
  expect(await guess(7_000, "10.0.0.1")).toBe(10);
});

it("an IPv6 network of 64 bits counts as one address", async () => {
  const { guess } = createLimited();
  expect(await guess(60, "2001:db8:0:1::1")).toBe(50);
  expect(await guess(60, "2001:db8:0:1:ffff::2")).toBe(0);
  expect(await guess(60, "2001:db8:0:2::1")).toBe(50);
});

it("an accepted token passes beside guesses from the same address, a token seen for the first time waits", async () => {
  const { clock, authenticate, guess } = createLimited();
  await authenticate("good", "10.0.0.1");
  await guess(100, "10.0.0.1");
  expect(await authenticate("good", "10.0.0.1")).toBe(actor);
  await expect(authenticate("new", "10.0.0.1")).rejects.toBeInstanceOf(Overloaded);
  await expect(authenticate(undefined, "10.0.0.1")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  clock.now = 1_000;
  expect(await authenticate("new", "10.0.0.1")).toBe(actor);
});

describeEngines("guesses of a token", (engine) => {
  const api = useApi(engine);
  it("a client that guesses is UNAVAILABLE, one with a token is not", async () => {
    const ask = (token: string) => api.http("/graphql?query={__typename}", { headers: { authorization: token } });
    expect((await ask("Bearer viewer")).status).toBe(200);
    const guesses = await Promise.all(Array.from({ length: 100 }, (_, i) => ask(`Bearer ${i}`)));
    const statuses = new Set(guesses.map(({ status }) => status));
    expect(statuses).toEqual(new Set([401, 503]));
    expect((await ask("Bearer viewer")).status).toBe(200);
  });
});
