import { TransferError } from "@partwise/core/contract";

/** The one shape of "the caller must change something before anything is sent". */
export function invalid(message: string, cause?: unknown): TransferError<"invalid-options"> {
  return new TransferError("invalid-options", message, cause === undefined ? {} : { cause });
}

/** What a schema found first, as half a sentence: `endpoint: expected string`. */
export function firstIssue(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}): string {
  const issue = error.issues[0];
  if (issue === undefined) return "not understood";
  const path = issue.path.map(String).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
