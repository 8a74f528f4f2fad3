import { common, script } from "./script.js";

/** ARGV: index of the first record, how many at most. */
export const readEntries = script(
  `
local from = tonumber(ARGV[1])
return {
  redis.call('HGET', KEYS[2], 'generation') or '',
  redis.call('LLEN', KEYS[1]),
  redis.call('LRANGE', KEYS[1], from, from + ARGV[2] - 1),
}
`,
  { writes: false },
);

/**
 * ARGV: journal's ttl, lease's name, token, write (`-` when order does not matter), nonce, `append` or `replace`,
 * number of staged records, records. KEYS[3]: staged records, when there are any.
 * Answers `new` when these are the only records now. Records go first and the note that they are there goes last: a script that fails in the middle has not noted it.
 */
export const writeEntries = script(`${common}
local ttl, name, token, write, nonce, mode = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local staged, first = tonumber(ARGV[7]), 8
local lease = current(name, token)
if not lease then return 'lost' end
if write ~= '-' and done(lease, write) then
  if staged > 0 then redis.call('DEL', KEYS[3]) end
  keep(ttl)
  return 'ok'
end
if staged > 0 and redis.call('LLEN', KEYS[3]) ~= staged then return 'unstaged' end

local count, length = staged + #ARGV - first + 1, 0
if mode == 'replace' then redis.call('DEL', entries) end
for i = 0, staged - 1, 1000 do
  length = redis.call('RPUSH', entries, unpack(redis.call('LRANGE', KEYS[3], i, i + 999)))
end
if staged > 0 then redis.call('DEL', KEYS[3]) end
for i = first, #ARGV, 1000 do
  length = redis.call('RPUSH', entries, unpack(ARGV, i, math.min(i + 999, #ARGV)))
end

local fresh = mode == 'replace' or (count > 0 and length == count)
if fresh then redis.call('HSET', state, 'generation', nonce) end
if mode == 'replace' or count > 0 then redis.call('HSET', state, 'updated', int(now)) end
if write ~= '-' then
  lease.write = write
  save(name, lease)
end
keep(ttl)
return fresh and 'new' or 'ok'
`);

/** Brings records near, for a write that is too large for one call. KEYS[1]: where. ARGV: how long, records. */
export const stageRecords = script(`
redis.call('RPUSH', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 'ok'
`);

/** ARGV: journal's ttl, lease's name, token, write, nonce. KEYS[3]: where to. */
export const setEntriesAside = script(`${common}
local ttl, name, token, write, nonce = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local lease = current(name, token)
if not lease then return 'lost' end
if done(lease, write) then return 'ok' end
if redis.call('EXISTS', entries) == 1 then
  redis.call('RENAME', entries, KEYS[3])
  redis.call('PEXPIRE', KEYS[3], ttl)
end
redis.call('HSET', state, 'generation', nonce, 'updated', int(now))
lease.write = write
save(name, lease)
keep(ttl)
return 'ok'
`);
