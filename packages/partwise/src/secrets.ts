/** Everything that must not be said: the credentials of the environment, and what a store's URL holds. */
export function secretsOf(
  env: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
): readonly string[] {
  const { OSS_ACCESS_KEY_SECRET = "", OSS_SESSION_TOKEN = "", PARTWISE_STORE = "" } = env;
  const accounts = [...argv, PARTWISE_STORE].map(accountOf).filter((each) => each.length > 1);
  const passwords = accounts.map((each) => each.slice(each.indexOf(":") + 1, -1));
  // A toy secret of a local server is no secret, and blotting it out would garble words; an account with its @ is rare.
  const long = [OSS_ACCESS_KEY_SECRET, OSS_SESSION_TOKEN, ...passwords, ...passwords.map(decoded)];
  return [...accounts, ...long.filter((each) => each.length >= 8)];
}

/** What stands between `redis://` and the last `@`, with it. */
function accountOf(text: string): string {
  return /rediss?:\/\/(.*@)/is.exec(text)?.[1] ?? "";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
