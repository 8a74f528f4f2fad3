import { TransferError } from "@partwise/core/contract";
import type { $ZodIssue } from "zod/v4/core";

/** The one shape of "the caller must change something before anything is sent". */
export function invalid(message: string, cause?: unknown): TransferError<"invalid-options"> {
  return new TransferError("invalid-options", message, cause === undefined ? {} : { cause });
}

/** What a schema found first, as half a sentence: `endpoint: expected string`. Never repeats the value. */
export function firstIssue(error: { readonly issues: readonly $ZodIssue[] }): string {
  const issue = error.issues[0];
  if (issue === undefined) return "not understood";
  const path = issue.path.map(String).join(".");
  return path === "" ? wordsFor(issue) : `${path}: ${wordsFor(issue)}`;
}

// zod/mini brings no sentences of its own, and setting its language would change it for the whole process.
function wordsFor(issue: $ZodIssue): string {
  switch (issue.code) {
    case "unrecognized_keys":
      return `there is no ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}`;
    case "invalid_type":
      return `expected ${issue.expected}`;
    case "invalid_value":
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    case "too_small":
      return `expected at least ${issue.minimum}`;
    case "too_big":
      return `expected at most ${issue.maximum}`;
    case "invalid_union":
      return "not a value it takes";
    default:
      return issue.message;
  }
}
