/** Front door for Node: files. */
export { fileSource } from "./file-source.js";
