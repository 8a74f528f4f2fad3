/** Digests under way on the machine's own threads: the one asynchronous work a simulation cannot see in its timers. */
let digests = 0;
let counting = false;

/** From now on counts `crypto.subtle.digest`, once per process; results and errors pass unchanged. */
export function countRealWork(): void {
  if (counting) return;
  counting = true;
  const subtle = globalThis.crypto.subtle;
  const digest = subtle.digest.bind(subtle);
  subtle.digest = async (...given) => {
    digests++;
    try {
      return await digest(...given);
    } finally {
      digests--;
    }
  };
}

/** Resolves when all that can run without time passing has run. */
export async function idle(): Promise<void> {
  for (let quiet = 0; quiet < 2; quiet++) {
    await macrotask();
    if (digests > 0) quiet = -1;
  }
}

function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
