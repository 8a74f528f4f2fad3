export {
  type ResumableUploadOptions,
  type ResumableUploadResult,
  resumableUpload,
} from "./resumable-upload.js";
