import { isTransferError, type Outcome, TransferError } from "@partwise/core/contract";

/** The server did not answer in time. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** What was asked of whom, for the message. */
export interface Asked {
  /** For people: the store's name. */
  readonly store: string;
  readonly id?: string;
  /** What it means when there was no answer. */
  readonly unanswered: Outcome;
}

interface Meaning {
  readonly pattern: RegExp;
  readonly text: string;
  readonly retryable?: boolean;
}

/** What the server's own words mean; its refusals change nothing. */
const meanings: readonly Meaning[] = [
  {
    pattern: /\bWRONGPASS\b|\bNOAUTH\b|invalid password|without any password/,
    text: "refuses user and password. Correct them in the URL or the client",
    retryable: false,
  },
  {
    pattern: /\bNOPERM\b|ACL failure/,
    text: "does not permit this user what the store needs. The package's README lists commands and keys",
    retryable: false,
  },
  { pattern: /\bOOM\b/, text: "is out of memory. Raise its maxmemory, or remove what is not needed" },
  { pattern: /\bREADONLY\b/, text: "is a replica now. The client must find the new primary" },
  { pattern: /\bMISCONF\b/, text: "does not accept writes, because it cannot save to its disk" },
  { pattern: /\bNOREPLICAS\b/, text: "does not accept writes, because it has too few replicas" },
  { pattern: /\b(LOADING|BUSY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN)\b/, text: "is not ready" },
  { pattern: /^ERR\b/, text: "refused a command", retryable: false },
];

/** Turns what a client threw into a `TransferError`. */
export function storeError(error: unknown, { store, id, unanswered }: Asked): TransferError {
  if (isTransferError(error)) return error;
  const said = wordsOf(error);
  if (/\bWRONGTYPE\b/.test(said) && id !== undefined) {
    return new TransferError(
      "checkpoint-unreadable",
      `A key of journal ${id} in ${store} holds something that is not Partwise's, so the journal cannot be read. Look at the keys *:${id}}:*, or use another namespace.`,
      { details: { id }, cause: causeOf(error, said) },
    );
  }
  const meaning = meanings.find(({ pattern }) => pattern.test(said));
  const text = meaning?.text ?? "does not answer. It is tried again while the transfer lasts";
  return new TransferError("store-unavailable", `${store} ${text} (${said}).`, {
    outcome: meaning === undefined ? unanswered : "not-applied",
    ...(meaning?.retryable !== undefined && { retryable: meaning.retryable }),
    cause: causeOf(error, said),
  });
}

export function leaseLost(lease: string, id: string): TransferError<"lease-lost"> {
  return new TransferError(
    "lease-lost",
    `The lease "${lease}" of journal ${id} is no longer ours. Take it again and read the journal before going on.`,
    { details: { lease } },
  );
}

/** The error's first line, without what a library hangs on it: the failed command's arguments hold passwords and entries. */
function wordsOf(error: unknown): string {
  const { message, errors } = (error ?? {}) as { message?: unknown; errors?: unknown };
  // Several addresses tried in vain make an AggregateError without a message.
  const first = Array.isArray(errors) ? (errors[0] as { message?: unknown } | undefined)?.message : undefined;
  const text = String(message || first || error);
  return (text.split("\n", 1)[0] ?? "").slice(0, 200).replace(/\.$/, "");
}

function causeOf(error: unknown, said: string): Error {
  const cause = new Error(said);
  if (error instanceof Error) cause.name = error.name;
  return cause;
}
