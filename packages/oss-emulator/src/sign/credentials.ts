/** A key pair the emulator knows. With a security token it is a temporary (STS) one. */
export interface EmulatorCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
  /** Milliseconds since 1970 on the emulator's clock; from then on requests get `SecurityTokenExpired`. */
  readonly expiresAt?: number;
}

export class CredentialBook {
  readonly #byId = new Map<string, EmulatorCredentials>();

  constructor(initial: readonly EmulatorCredentials[]) {
    for (const credentials of initial) this.add(credentials);
  }

  add(credentials: EmulatorCredentials): void {
    this.#byId.set(credentials.accessKeyId, { ...credentials });
  }

  remove(accessKeyId: string): void {
    this.#byId.delete(accessKeyId);
  }

  /** From `at` on, requests with this id are answered `SecurityTokenExpired`. */
  expire(accessKeyId: string, at: number): void {
    const credentials = this.#byId.get(accessKeyId);
    if (!credentials) throw new Error(`The emulator knows no access key id ${accessKeyId}.`);
    this.#byId.set(accessKeyId, { ...credentials, expiresAt: at });
  }

  get(accessKeyId: string): EmulatorCredentials | undefined {
    return this.#byId.get(accessKeyId);
  }
}

/** Checks credentials that come from outside. The message never holds the secret. */
export function checkCredentials(value: unknown): EmulatorCredentials {
  const given = (value ?? {}) as Record<string, unknown>;
  for (const name of ["accessKeyId", "accessKeySecret"]) {
    if (typeof given[name] === "string" && given[name] !== "") continue;
    throw new TypeError(`Credentials need ${name}, a text that is not empty.`);
  }
  if (given.securityToken !== undefined && typeof given.securityToken !== "string") {
    throw new TypeError("The securityToken of credentials must be a text.");
  }
  if (given.expiresAt !== undefined && typeof given.expiresAt !== "number") {
    throw new TypeError("The expiresAt of credentials must be milliseconds since 1970.");
  }
  return given as unknown as EmulatorCredentials;
}
