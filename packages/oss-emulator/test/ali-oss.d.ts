/** The part of npm ali-oss that the tests use; it brings no types of its own. */
declare module "ali-oss" {
  export interface Checkpoint {
    file: string;
    name: string;
    fileSize: number;
    partSize: number;
    uploadId: string;
    doneParts: { number: number; etag: string }[];
  }
  export interface MultipartOptions {
    parallel?: number;
    partSize?: number;
    checkpoint?: Checkpoint;
    progress?: (fraction: number, checkpoint?: Checkpoint) => Promise<void> | void;
    headers?: Record<string, string>;
    meta?: Record<string, string>;
    callback?: { url: string; body: string; contentType?: string };
  }
  interface Result {
    name: string;
    data: unknown;
    res: { status: number; headers: Record<string, string> };
  }
  export default class OSS {
    constructor(options: {
      accessKeyId: string;
      accessKeySecret: string;
      stsToken?: string;
      endpoint: string;
      region?: string;
      bucket: string;
      authorizationV4?: boolean;
      sldEnable?: boolean;
      refreshSTSTokenInterval?: number;
    });
    put(name: string, content: Buffer | string, options?: object): Promise<Result>;
    putStream(name: string, stream: NodeJS.ReadableStream, options?: object): Promise<Result>;
    get(name: string, options?: object): Promise<Result & { content: Buffer }>;
    head(name: string, options?: object): Promise<Result & { status: number; meta: Record<string, string> }>;
    delete(name: string): Promise<Result>;
    deleteMulti(names: string[]): Promise<{ deleted: { Key: string }[] }>;
    copy(name: string, source: string): Promise<Result>;
    list(
      query: object,
      options: object,
    ): Promise<{ objects?: { name: string; size: number }[]; prefixes?: string[] }>;
    listV2(query: object): Promise<{ objects?: { name: string }[]; nextContinuationToken?: string }>;
    putACL(name: string, acl: string): Promise<Result>;
    getACL(name: string): Promise<{ acl: string }>;
    getBucketInfo(bucket: string): Promise<{ bucket: { Name: string } }>;
    initMultipartUpload(name: string, options?: object): Promise<{ uploadId: string }>;
    uploadPart(
      name: string,
      id: string,
      number: number,
      file: string,
      start: number,
      end: number,
    ): Promise<Result>;
    multipartUpload(
      name: string,
      file: string | Buffer,
      options?: MultipartOptions,
    ): Promise<Result & { etag: string }>;
    multipartUploadCopy(
      name: string,
      source: { sourceKey: string; sourceBucketName: string },
      options?: MultipartOptions,
    ): Promise<Result>;
    listParts(
      name: string,
      uploadId: string,
      query?: object,
    ): Promise<{ parts: { PartNumber: string; ETag: string }[] }>;
    listUploads(query: object): Promise<{ uploads: { name: string; uploadId: string }[] }>;
    abortMultipartUpload(name: string, uploadId: string): Promise<Result>;
    signatureUrl(name: string, options?: { expires?: number; method?: string }): string;
    signatureUrlV4(method: string, expires: number, request: object, name: string): Promise<string>;
    cancel(): void;
  }
}
