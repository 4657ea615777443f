import { beforeEach, describe, expect, it } from "vitest";
import { createAuth, type SessionStorage } from "./auth.ts";

const user = {
  id: "1",
  username: "ann",
  displayName: "Ann",
  avatarUrl: null,
  kind: "human",
  email: null,
  createdAt: "",
  status: null,
  presencePrivacy: "shared",
};
const ask = { reason: "connect", signal: new AbortController().signal } as const;

/** Refresh tokens rotate: each is good once, and one used twice ends the session. */
function authServer() {
  let last = 0;
  const state = {
    spent: new Set<string>(),
    isRevoked: false,
    calls: [] as string[],
    fault: null as null | (() => never),
  };
  const session = () => {
    last += 1;
    return { user, accessToken: `access ${last}`, refreshToken: `refresh ${last}`, expiresInSeconds: 900 };
  };
  const fetch = (async (url: URL, init: RequestInit) => {
    const noun = url.pathname.split("/").at(-1) as string;
    state.calls.push(noun);
    state.fault?.();
    if (noun === "logout") return new Response(null, { status: 204 });
    if (noun === "refresh") {
      const { refreshToken } = JSON.parse(String(init.body));
      if (state.isRevoked || state.spent.has(refreshToken)) {
        state.isRevoked = true;
        return Response.json({ code: "unauthenticated", reason: "refresh_reused" }, { status: 401 });
      }
      state.spent.add(refreshToken);
    }
    return Response.json(session());
  }) as unknown as typeof globalThis.fetch;
  return { ...state, state, fetch };
}

function mapStorage(): SessionStorage {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

describe("auth", () => {
  let nowMs = 0;
  beforeEach(() => {
    nowMs = 0;
  });
  const signIn = async () => {
    const server = authServer();
    const storage = mapStorage();
    const make = () =>
      createAuth({ url: "http://confab.test/", fetch: server.fetch, storage, now: () => nowMs });
    const auth = make();
    await auth.login({ username: "ann", password: "secret123" });
    return { server, storage, auth, make };
  };

  it("keeps the session across reloads and hands out its token while it is good", async () => {
    const { auth, make, server } = await signIn();
    expect(auth.user.getSnapshot()?.id).toBe("1");
    const again = make();
    expect(again.user.getSnapshot()?.id).toBe("1");
    expect(await again.getToken(ask)).toBe("access 1");
    expect(server.state.calls).toEqual(["login"]);
  });

  it("refreshes once for all who ask, before the token ends", async () => {
    const { auth, server } = await signIn();
    nowMs = 880_000;
    const tokens = await Promise.all([auth.getToken(ask), auth.getToken(ask), auth.getToken(ask)]);
    expect(tokens).toEqual(Array(3).fill("access 2"));
    expect(server.state.calls).toEqual(["login", "refresh"]);
  });

  it("refreshes a token that was refused or ends soon, unless another tab has done so", async () => {
    const { auth, make, server } = await signIn();
    const other = make();
    expect(await auth.getToken(ask)).toBe("access 1");
    expect(await other.getToken(ask)).toBe("access 1");
    expect(await auth.getToken({ ...ask, reason: "rejected" })).toBe("access 2");
    expect(await other.getToken({ ...ask, reason: "expiring" })).toBe("access 2");
    expect(server.state.calls).toEqual(["login", "refresh"]);
    expect(server.state.isRevoked).toBe(false);
  });

  it("signs out when the session has ended, and not when the network fails", async () => {
    const { auth, server } = await signIn();
    await auth.getToken(ask);
    server.state.fault = () => {
      throw new TypeError("fetch failed");
    };
    await expect(auth.getToken({ ...ask, reason: "rejected" })).rejects.toMatchObject({
      code: "unavailable",
    });
    expect(auth.user.getSnapshot()?.id).toBe("1");
    server.state.fault = null;
    server.state.isRevoked = true;
    await expect(auth.getToken({ ...ask, reason: "rejected" })).rejects.toMatchObject({
      code: "unauthenticated",
    });
    expect(auth.user.getSnapshot()).toBeNull();
    await expect(auth.getToken(ask)).rejects.toMatchObject({ reason: "signed_out" });
  });

  it("forgets the session at once on logout, also when the server cannot be told", async () => {
    const { auth, server } = await signIn();
    server.state.fault = () => {
      throw new TypeError("fetch failed");
    };
    const told = auth.logout();
    expect(auth.user.getSnapshot()).toBeNull();
    await expect(told).rejects.toMatchObject({ code: "unavailable" });
    await expect(auth.getToken(ask)).rejects.toMatchObject({ code: "unauthenticated" });
  });
});
