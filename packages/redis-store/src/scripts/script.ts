import { createHash } from "node:crypto";

/** A Lua script as the server knows it. */
export interface Script {
  readonly text: string;
  /** Names it to EVALSHA. */
  readonly sha: string;
  /** Whether it may have changed something when its answer was lost. */
  readonly writes: boolean;
}

export function script(text: string, { writes = true } = {}): Script {
  return { text, sha: createHash("sha1").update(text).digest("hex"), writes };
}

/**
 * What the scripts of one transfer share. KEYS[1] is the list of entries, KEYS[2] the hash with everything else:
 * `generation` (names these entries as a whole), `updated` (milliseconds), `tokens` (a counter), `lease/<name>`.
 *
 * A lease is kept as `<token> <expires> <last ordered write> <holder>`; expiry is judged by the server's clock only.
 */
export const common = `
local entries, state = KEYS[1], KEYS[2]

local function int(n) return string.format('%.0f', n) end

local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local now = clock()

local function keep(ttl)
  redis.call('PEXPIRE', entries, ttl)
  redis.call('PEXPIRE', state, ttl)
end

local function parse(text)
  local token, expires, write, holder = string.match(text or '', '^(%S+) (%d+) (%S+) (.*)$')
  if not token then return nil end
  return { token = token, expires = tonumber(expires), write = write, holder = holder }
end

local function find(name) return parse(redis.call('HGET', state, 'lease/' .. name)) end

local function save(name, lease)
  redis.call('HSET', state, 'lease/' .. name,
    lease.token .. ' ' .. int(lease.expires) .. ' ' .. lease.write .. ' ' .. lease.holder)
end

local function current(name, token)
  local lease = find(name)
  if lease and lease.token == token and lease.expires > now then return lease end
  return nil
end

-- Whether this write was carried out before, its answer lost.
local function done(lease, write)
  local by, number = string.match(lease.write, '^(%w+):(%d+)$')
  local as, wanted = string.match(write, '^(%w+):(%d+)$')
  return by ~= nil and by == as and tonumber(wanted) <= tonumber(number)
end
`;
