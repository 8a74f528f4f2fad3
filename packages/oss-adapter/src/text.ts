// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Text from elsewhere, fit for one line of a message. */
export function printable(text: string, max = 2000): string {
  const line = text.replace(CONTROL, "\ufffd");
  return line.length <= max ? line : `${line.slice(0, max)}…`;
}

/** Takes secrets out of words that a remote may have echoed. Empty ones are skipped. */
export function redact(text: string, secrets: readonly (string | undefined)[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret !== undefined && secret !== "") clean = clean.replaceAll(secret, "***");
  }
  return clean;
}
