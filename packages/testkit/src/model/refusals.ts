import { type JsonValue, TransferError, type TransferErrorCode } from "@partwise/core/contract";

/** The remote's no: HTTP status, the provider's code, and what to say. */
export function refuse(
  code: Exclude<
    TransferErrorCode,
    "lease-held" | "lease-lost" | `checkpoint-${string}` | `${string}-mismatch` | "part-corrupt"
  >,
  status: number,
  providerCode: string,
  message: string,
  more: { readonly [name: string]: JsonValue } = {},
): TransferError {
  return new TransferError(code, message, {
    requestId: "model-refusal",
    details: { status, providerCode, ...more },
  });
}

/** A verb that this remote does not know. */
export function lacks(what: string): TransferError {
  return new TransferError("unsupported", `The model remote was made without ${what}. Nothing was sent.`);
}

export function sessionGone(key: string, id: string): TransferError {
  return refuse("session-gone", 404, "NoSuchUpload", `Session ${id} of ${key} does not exist (any more).`);
}

export function alreadyExists(key: string): TransferError {
  return refuse("already-exists", 409, "FileAlreadyExists", `${key} exists and was not replaced.`);
}

export function noSuchObject(key: string): TransferError {
  return refuse("not-found", 404, "NoSuchKey", `There is no object ${key}.`);
}
