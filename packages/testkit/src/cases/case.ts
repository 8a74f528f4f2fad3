/** One conformance check, as data: any test runner can run it, and so can a page or a command. */
export interface Case<S> {
  /** What holds, as a sentence. */
  readonly name: string;
  /** The race or bug that this check keeps out. */
  readonly prevents: string;
  /** Why this subject cannot be asked, if so: an ability it declares not to have, a hook it does not offer. */
  needs?(subject: S): string | undefined | Promise<string | undefined>;
  /** Rejects when the subject does not do what `name` says. */
  run(subject: S): Promise<void>;
}

/** What a subject may want done after each case. */
export interface Closable {
  /** Called once when the case has ended, however it ended. */
  close?(): Promise<void>;
}

/** How one case ended. */
export interface CaseResult {
  readonly name: string;
  readonly result: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped. */
  readonly reason?: string;
}

/** Runs one case on a subject of its own, without any test runner. */
export async function runCase<S extends Closable>(
  each: Case<S>,
  makeSubject: () => S | Promise<S>,
): Promise<CaseResult> {
  const subject = await makeSubject();
  try {
    const reason = await each.needs?.(subject);
    if (reason !== undefined) return { name: each.name, result: "skipped", reason };
    await each.run(subject);
    return { name: each.name, result: "passed" };
  } catch (error) {
    return { name: each.name, result: "failed", reason: String(error) };
  } finally {
    await subject.close?.();
  }
}
