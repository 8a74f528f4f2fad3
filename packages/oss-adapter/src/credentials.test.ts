import { type Clock, isTransferError, TransferError } from "@partwise/core/contract";
import { describe, expect, it } from "vitest";
import { type Credentials, credentialSource, environmentCredentials } from "./credentials.js";

const never = new AbortController().signal;

function at(start = 0): Clock & { time: number } {
  return { time: start, now: () => clock.time, sleep: async () => {}, random: () => 0 } as never;
}
let clock = at();

const named = (name: string, expiresAt?: number): Credentials => ({
  accessKeyId: name,
  accessKeySecret: "secret",
  ...(expiresAt === undefined ? {} : { expiresAt }),
});

/** A provider that counts, and answers when told. */
function counting(answer: (call: number) => Credentials | Promise<Credentials>) {
  const calls = { count: 0 };
  return { calls, provider: async () => answer(++calls.count) };
}

describe("credentials from a provider", () => {
  it("asks once for many requests at once", async () => {
    clock = at();
    const { calls, provider } = counting((n) => named(`k${n}`));
    const source = credentialSource(provider, clock);
    const all = await Promise.all(Array.from({ length: 8 }, () => source.get(never)));
    expect(new Set(all).size).toBe(1);
    expect(calls.count).toBe(1);
  });

  it("asks again a minute before they expire, once", async () => {
    clock = at();
    const { calls, provider } = counting((n) => named(`k${n}`, n * 3_600_000));
    const source = credentialSource(provider, clock);
    await source.get(never);
    clock.time = 3_600_000 - 60_001;
    expect((await source.get(never)).accessKeyId).toBe("k1");
    clock.time = 3_600_000 - 60_000;
    const all = await Promise.all([source.get(never), source.get(never)]);
    expect(all.map((each) => each.accessKeyId)).toEqual(["k2", "k2"]);
    expect(calls.count).toBe(2);
  });

  it("does not ask for each request when the provider's answers live shorter than a minute", async () => {
    clock = at();
    const { calls, provider } = counting(() => named("k", clock.time + 10_000));
    const source = credentialSource(provider, clock);
    for (let i = 0; i < 50; i++) await source.get(never);
    expect(calls.count).toBe(1);
    clock.time = 5000;
    await source.get(never);
    expect(calls.count).toBe(2);
  });

  it("goes on with what it has while refreshing ahead fails, and fails when that is over", async () => {
    clock = at();
    const { provider } = counting((n) => {
      if (n > 1) throw new Error("metadata service is away");
      return named("k1", 1_000_000);
    });
    const source = credentialSource(provider, clock);
    await source.get(never);
    clock.time = 999_000;
    expect((await source.get(never)).accessKeyId).toBe("k1");
    clock.time = 1_000_000;
    await expect(source.get(never)).rejects.toSatisfy((e) => isTransferError(e, "unavailable"));
  });

  it("refreshes exactly once for eight failures in parallel", async () => {
    clock = at();
    const { calls, provider } = counting((n) => named(`k${n}`));
    const source = credentialSource(provider, clock);
    const used = await source.get(never);
    const again = await Promise.all(
      Array.from({ length: 8 }, async () => {
        expect(source.invalidate(used)).toBe(true);
        return source.get(never);
      }),
    );
    // A ninth, late one, about the old credentials: it must not throw away the new ones.
    expect(source.invalidate(used)).toBe(true);
    expect((await source.get(never)).accessKeyId).toBe("k2");
    expect(new Set(again.map((each) => each.accessKeyId))).toEqual(new Set(["k2"]));
    expect(calls.count).toBe(2);
  });

  it("says that trying again is no use when the provider gives the same ones", async () => {
    clock = at();
    const source = credentialSource(async () => named("same"), clock);
    expect(source.invalidate(await source.get(never))).toBe(true);
    expect(source.invalidate(await source.get(never))).toBe(false);
  });

  it("forgets that refusal once the same ones were accepted again", async () => {
    clock = at();
    const source = credentialSource(async () => named("same"), clock);
    source.invalidate(await source.get(never));
    const again = await source.get(never);
    source.confirm(again);
    expect(source.invalidate(again)).toBe(true);
  });

  it("leaves a shared refresh running when one waiter is aborted", async () => {
    clock = at();
    let answer: (given: Credentials) => void = () => {};
    const waiting = new Promise<Credentials>((resolve) => {
      answer = resolve;
    });
    const source = credentialSource(() => waiting, clock);
    const controller = new AbortController();
    const first = source.get(controller.signal);
    const second = source.get(never);
    controller.abort(new Error("paused"));
    await expect(first).rejects.toThrow("paused");
    answer(named("late"));
    expect((await second).accessKeyId).toBe("late");
  });

  it("passes on a provider's own TransferError and hides nothing else in its message", async () => {
    clock = at();
    const final = new TransferError("denied", "no role");
    await expect(
      credentialSource(async () => {
        throw final;
      }, clock).get(never),
    ).rejects.toBe(final);
    await expect(
      credentialSource(async () => {
        throw new Error("token=hush-secret");
      }, clock).get(never),
    ).rejects.toSatisfy((e) => isTransferError(e, "unavailable") && !e.message.includes("hush-secret"));
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["no secret", { accessKeyId: "a" }],
    ["an empty id", { accessKeyId: "", accessKeySecret: "s" }],
    ["a newline", { accessKeyId: "a", accessKeySecret: "s\n" }],
    ["a token with a space", { accessKeyId: "a", accessKeySecret: "s", securityToken: "a b" }],
    ["a date as text", { accessKeyId: "a", accessKeySecret: "s", expiresAt: "2030-01-01" }],
  ])("refuses an answer with %s, and can be asked again", async (_name, answer) => {
    clock = at();
    let given = answer;
    const source = credentialSource(async () => given as Credentials, clock);
    await expect(source.get(never)).rejects.toSatisfy((e) => isTransferError(e, "invalid-options"));
    given = named("good");
    expect((await source.get(never)).accessKeyId).toBe("good");
  });
});

describe("credentials from the environment", () => {
  it("reads the three variables", async () => {
    const provider = environmentCredentials({
      OSS_ACCESS_KEY_ID: "id",
      OSS_ACCESS_KEY_SECRET: "secret\n",
      OSS_SESSION_TOKEN: "token",
    });
    expect(await provider()).toEqual({
      accessKeyId: "id",
      accessKeySecret: "secret",
      securityToken: "token",
    });
  });

  it("names what is missing", async () => {
    await expect(environmentCredentials({ OSS_ACCESS_KEY_ID: "id" })()).rejects.toThrow(
      /set OSS_ACCESS_KEY_SECRET \(/,
    );
    await expect(environmentCredentials({})()).rejects.toThrow(
      /set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET/,
    );
  });
});
