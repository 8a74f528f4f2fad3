/**
 * Names of keys. All keys of one transfer have `{namespace:id}` in common, so they share a slot of a cluster.
 * Neither a namespace nor an id holds `:`, `{`, `}` or a glob character.
 */
export interface JournalKeys {
  readonly entries: string;
  readonly state: string;
  /** Entries set aside. */
  aside(nonce: string): string;
  /** Entries on their way, for minutes. */
  staged(nonce: string): string;
}

export function journalKeys(namespace: string, id: string): JournalKeys {
  const tag = `{${namespace}:${id}}`;
  return {
    entries: `${tag}:entries`,
    state: `${tag}:state`,
    aside: (nonce) => `${tag}:aside:${nonce}`,
    staged: (nonce) => `${tag}:staged:${nonce}`,
  };
}

/** Key of the catalog: the ids of a namespace. */
export function catalogKey(namespace: string): string {
  return `{${namespace}:}:catalog`;
}

/** Pattern of the keys that hold entries, and back from such a key to its id. */
export function entriesPattern(
  namespace: string,
  keyPrefix = "",
): { glob: string; idOf(key: string): string } {
  const before = `${keyPrefix}{${namespace}:`;
  const after = "}:entries";
  return {
    glob: `${before.replace(/[\\*?[\]]/g, "\\$&")}*${after}`,
    idOf: (key) => key.slice(before.length, -after.length),
  };
}
