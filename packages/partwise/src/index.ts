/** Front door: `resumableUpload`, and the pieces it is made of. */
export { createTransfers, isTransferError, TransferError } from "@partwise/core";
export { fileSource } from "@partwise/core/node";
export { fsStore } from "@partwise/fs-store";
export { ossTransport } from "@partwise/oss-adapter";
export {
  type ResumableUploadOptions,
  type ResumableUploadResult,
  resumableUpload,
} from "./resumable-upload.js";
