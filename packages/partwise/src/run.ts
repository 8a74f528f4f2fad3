import { Command, CommanderError } from "commander";
import { commands } from "./commands/index.js";
import { exitStatus, failureOf, traceOf, usageError } from "./failure.js";
import type { Host } from "./host.js";
import { secretsOf } from "./secrets.js";

const more = `
Examples:
  $ partwise upload backup.tar oss://my-bucket/backups/ --region cn-hangzhou
  $ partwise upload big.iso oss://my-bucket/big.iso --json | tail -n 1
  $ partwise list
  $ partwise discard oss://my-bucket/big.iso --region cn-hangzhou
  $ partwise upload big.iso oss://my-bucket/big.iso --crew --store redis://cache:6379
  $ partwise list --watch --store redis://cache:6379
  $ partwise sweep oss://my-bucket/ --older-than 7d

Environment:
  OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET   credentials
  OSS_SESSION_TOKEN                          token of temporary credentials
  OSS_REGION, OSS_ENDPOINT                   where the bucket is
  PARTWISE_STORE                             where journals are kept: a directory, or
                                             redis://user:password@host:6379/0, rediss://…
  PARTWISE_DEBUG=1                           stack traces
  NO_COLOR=1                                 no colours

Exit status:
  0 done    1 other failure    2 wrong usage    3 problem with the file
  4 refused by the remote    5 interrupted or gave up for now: run it again
  6 held by another process
`;

/** Runs one command line and resolves with the exit status. Never rejects. */
export async function run(argv: readonly string[], host: Host): Promise<number> {
  try {
    await program(host).parseAsync(argv, { from: "user" });
    return exitStatus.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitStatus.done;
    return fail(inOurWords(error), argv, host);
  }
}

function program(host: Host): Command {
  const root = new Command("partwise")
    .description("Send large files to object storage and go on after any interruption.")
    .version(host.version, "-V, --version")
    .addHelpText("after", more)
    .action(() => {
      throw usageError("No command given. See partwise --help.");
    });
  for (const make of commands) root.addCommand(make(host));
  // Errors are told by `fail`, in one line.
  for (const each of withAllBelow(root)) {
    each
      .exitOverride()
      .allowExcessArguments(false)
      .configureOutput({
        writeOut: (text) => host.stdout.write(text),
        writeErr: (text) => host.stdout.write(text),
        outputError: () => {},
      });
  }
  return root;
}

function withAllBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withAllBelow)];
}

function inOurWords(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  const said = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
  return usageError(`${said} – see partwise --help.`);
}

function fail(error: unknown, argv: readonly string[], host: Host): number {
  const secrets = secretsOf(host.env, argv);
  const failure = failureOf(error, secrets);
  host.stderr.write(`partwise: ${failure.message}\n`);
  if (host.env.PARTWISE_DEBUG === "1") host.stderr.write(`${traceOf(error, secrets)}\n`);
  if (argv.includes("--json")) host.stdout.write(`${JSON.stringify(failure)}\n`);
  return failure.exitCode;
}
