#!/usr/bin/env node
import { nodeHost } from "./node-host.js";
import { run } from "./run.js";

process.exitCode = await run(process.argv.slice(2), nodeHost());
