import { describeStore } from "@partwise/testkit/vitest";
import { subject } from "./subject.js";

describeStore("fs-store on real files", () => subject("real"));
describeStore("fs-store on the model of a file system", () => subject("model"));
