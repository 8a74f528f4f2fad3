import { common, script } from "./script.js";

/** ARGV: journal's ttl, name, lease's ttl, holder, nonce. The nonce makes a take whose answer was lost repeatable. */
export const takeLease = script(`${common}
local ttl, name, lasts, holder, nonce = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local lease = find(name)
if lease and lease.expires > now then
  if string.sub(lease.token, -#nonce) ~= nonce then
    return { 'held', lease.holder, int(lease.expires), int(lease.expires - now) }
  end
else
  local number = redis.call('HINCRBY', state, 'tokens', 1)
  lease = { token = int(number) .. '-' .. nonce, write = '-', holder = holder }
  redis.call('HSETNX', state, 'generation', nonce)
end
lease.expires = now + lasts
save(name, lease)
keep(ttl)
return { 'taken', lease.token }
`);

/** ARGV: journal's ttl, name, token, lease's ttl. */
export const renewLease = script(`${common}
local ttl, name, token, lasts = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local lease = current(name, token)
if not lease then return 'lost' end
lease.expires = now + lasts
save(name, lease)
keep(ttl)
return 'ok'
`);

/** ARGV: journal's ttl, name, token. What was never written to leaves nothing behind. */
export const releaseLease = script(`${common}
local ttl, name, token = ARGV[1], ARGV[2], ARGV[3]
local lease = find(name)
if not lease or lease.token ~= token then return 'ok' end
redis.call('HDEL', state, 'lease/' .. name)
if redis.call('EXISTS', entries) == 0 then
  local others = false
  for _, field in ipairs(redis.call('HKEYS', state)) do
    if string.sub(field, 1, 6) == 'lease/' then others = true end
  end
  if not others then redis.call('DEL', state) return 'ok' end
end
keep(ttl)
return 'ok'
`);

/** ARGV: prefix. Answers name, holder, expiry and time left of each. */
export const listLeases = script(
  `${common}
local found = {}
local fields = redis.call('HGETALL', state)
local prefix = 'lease/' .. ARGV[1]
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, #prefix) == prefix then
    local lease = parse(fields[i + 1])
    if lease and lease.expires > now then
      found[#found + 1] = { string.sub(fields[i], 7), lease.holder, int(lease.expires), int(lease.expires - now) }
    end
  end
end
return found
`,
  { writes: false },
);
