import { common, script } from "./script.js";

/** ARGV: lease's name, token. Entries and leases go in one step. */
export const dropJournal = script(`${common}
if redis.call('EXISTS', entries, state) == 0 then return 'gone' end
if not current(ARGV[1], ARGV[2]) then return 'lost' end
redis.call('DEL', entries, state)
return 'ok'
`);

/** Answers whether there are entries, and when they last changed. */
export const describeJournal = script(
  `${common}
return { redis.call('EXISTS', entries), redis.call('HGET', state, 'updated') or int(now) }
`,
  { writes: false },
);

/** ARGV: least age in milliseconds. What has lost its state, or is not ours, is left to its TTL. */
export const pruneJournal = script(`${common}
local updated = tonumber(redis.call('HGET', state, 'updated') or '')
if not updated or updated > now - ARGV[1] then return 0 end
if redis.call('TYPE', entries).ok ~= 'list' then return 0 end
local fields = redis.call('HGETALL', state)
for i = 1, #fields, 2 do
  local lease = string.sub(fields[i], 1, 6) == 'lease/' and parse(fields[i + 1])
  if lease and lease.expires > now then return 0 end
end
redis.call('DEL', entries, state)
return 1
`);

const catalogClock = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
`;

/**
 * The catalog is a sorted set of ids; the score is the microsecond at which a journal that nobody touches has
 * surely expired, and tells one noting from the next. KEYS[1]: the catalog. ARGV: how long in milliseconds, ids.
 */
export const noteInCatalog = script(`${catalogClock}
local score = string.format('%.0f', now + ARGV[1] * 1000)
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], score, ARGV[i]) end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return score
`);

/** KEYS[1]: the catalog. ARGV: a member. */
export const isInCatalog = script(`${catalogClock}
return redis.call('ZSCORE', KEYS[1], ARGV[1]) and 1 or 0
`);

/** KEYS[1]: the catalog. ARGV: pairs of an id and the score it was seen with; one noted again since stays. */
export const removeFromCatalog = script(`
for i = 1, #ARGV, 2 do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if score and tonumber(score) == tonumber(ARGV[i + 1]) then redis.call('ZREM', KEYS[1], ARGV[i]) end
end
return 'ok'
`);
