#!/usr/bin/env node
// A file that is there before the build, so that npm links the command in a fresh clone.
import "../dist/cli.js";
