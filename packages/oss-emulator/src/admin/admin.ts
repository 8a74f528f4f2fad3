import type { FaultHandle } from "../faults/faults.js";
import type { FaultRule } from "../faults/rules.js";
import { methodNotAllowed, OssError } from "../http/errors.js";
import type { Exchange, Reply } from "../http/exchange.js";
import type { NetworkOptions } from "../http/network.js";
import type { Target } from "../http/target.js";
import { checkCredentials } from "../sign/credentials.js";
import { dropSession, openSessions } from "./inspect.js";

/** No bucket can have this name, so the routes are outside the space of buckets. */
const ADMIN = "_emulator";

export function isAdmin(target: Target): boolean {
  return target.bucket === ADMIN;
}

/** The routes by which programs in any language steer the emulator. Only for callers on this machine. */
export async function answerAdmin(exchange: Exchange): Promise<Reply> {
  const from = exchange.request.socket.remoteAddress ?? "";
  if (!/^(127\.|::1$|::ffff:127\.)/.test(from)) {
    throw new OssError(403, "AccessDenied", "The emulator is steered from its own machine only.");
  }
  const [what = "", id = ""] = (exchange.target.key ?? "").split("/");
  const route = ROUTES[`${exchange.entry.method} ${what}`];
  if (!route) throw methodNotAllowed(`${exchange.entry.method} /${ADMIN}/${what}`);
  try {
    const value = await route(exchange, id);
    return json(200, value ?? {});
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    return json(400, { error: error.message });
  }
}

type Route = (exchange: Exchange, id: string) => unknown;

const ROUTES: Readonly<Record<string, Route>> = {
  "GET faults": ({ state }) => state.faults.list().map(showRule),
  "POST faults": async (exchange) => {
    const rule = (await readJson(exchange)) as FaultRule;
    return showRule(exchange.state.faults.add(rule));
  },
  "DELETE faults": ({ state }, id) => {
    if (id === "") state.faults.clear();
    else
      state.faults
        .list()
        .find((handle) => String(handle.id) === id)
        ?.remove();
  },
  "GET log": ({ state }) => state.log.entries,
  "DELETE log": ({ state }) => state.log.clear(),
  "GET sessions": ({ state, query }) => openSessions(state.disk, query.get("bucket")),
  "DELETE sessions": async ({ state }, id) => ({ dropped: await dropSession(state.disk, id) }),
  "GET network": ({ state }) => state.network.options,
  "PUT network": async (exchange) => exchange.state.network.set((await readJson(exchange)) as NetworkOptions),
  "POST credentials": async (exchange) =>
    exchange.state.credentials.add(checkCredentials(await readJson(exchange))),
  "POST expire": ({ state }, id) => {
    if (!state.credentials.get(id)) throw new TypeError(`The emulator knows no access key id ${id}.`);
    state.credentials.expire(id, state.settings.now());
  },
};

const showRule = ({ id, rule, matched, fired }: FaultHandle) => ({ id, rule, matched, fired });

async function readJson(exchange: Exchange): Promise<object> {
  const value: unknown = JSON.parse(await exchange.text(65_536));
  if (typeof value !== "object" || value === null) throw new TypeError("The body must be a JSON object.");
  return value;
}

function json(status: number, value: unknown): Reply {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
}
