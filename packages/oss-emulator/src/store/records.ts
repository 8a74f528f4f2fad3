/** One uploaded part of an open session. */
export interface PartRecord {
  readonly number: number;
  readonly size: number;
  /** Upper-case hex MD5, without quotes. */
  readonly etag: string;
  readonly crc64: string;
  readonly modified: number;
  /** File in the session's blob folder: the pack, or a file of its own whose name carries the facts. */
  readonly file: string;
  readonly offset: number;
  /** Order of arrival inside the session: of two files for one number the later one counts. */
  readonly arrival: number;
}

/** What a request said about the object to be: lower-case header names and their values. */
export type ObjectHeaders = Readonly<Record<string, string>>;

/** An open multipart upload. */
export interface SessionRecord {
  readonly uploadId: string;
  readonly key: string;
  readonly initiated: number;
  readonly headers: ObjectHeaders;
  readonly sequential: boolean;
}

export interface Segment {
  readonly file: string;
  readonly offset: number;
  readonly size: number;
}

/** A finished object: its bytes are the segments of one blob folder, in order. */
export interface ObjectRecord {
  readonly key: string;
  readonly blob: string;
  readonly segments: readonly Segment[];
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Base64; only plain and sequential objects have one. */
  readonly md5?: string;
  readonly crc64: string;
  readonly type: "Normal" | "Multipart";
  readonly modified: number;
  readonly acl: string;
  readonly headers: ObjectHeaders;
}

const PART_FILE = /^p(\d+)_(\d+)_([0-9A-F]{32})_(\d+)_(\d+)_(\d+)$/;

/** Names a part's file after its facts, so that one rename makes bytes and facts durable together. */
export function partFileName(part: Omit<PartRecord, "file" | "offset">): string {
  return `p${part.number}_${part.size}_${part.etag}_${part.crc64}_${part.modified}_${part.arrival}`;
}

export function readPartFileName(file: string): PartRecord | undefined {
  const match = PART_FILE.exec(file);
  if (!match) return undefined;
  const [, number, size, etag, crc64, modified, arrival] = match as unknown as string[];
  return {
    number: Number(number),
    size: Number(size),
    etag: etag!,
    crc64: crc64!,
    modified: Number(modified),
    file,
    offset: 0,
    arrival: Number(arrival),
  };
}
