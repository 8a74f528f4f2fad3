import { randomUUID } from "node:crypto";
import { describeTransport } from "@partwise/testkit/vitest";
import { environmentCredentials, ossTransport } from "../src/index.js";

// npm run test:live: the whole conformance on a bucket of yours. It writes below one prefix of its own, named here,
// and leaves what it wrote: give it a bucket, or a lifecycle rule, that may be emptied.
const { OSS_TEST_BUCKET: bucket, OSS_REGION: region, OSS_ENDPOINT: endpoint } = process.env;
if (!bucket || !(region || endpoint)) {
  throw new Error(
    "Set OSS_TEST_BUCKET, OSS_REGION (or OSS_ENDPOINT), OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET to a bucket that tests may write to.",
  );
}
const prefix = `partwise-live-${randomUUID()}/`;
const credentials = environmentCredentials();

for (const signature of ["v4", "v1"] as const) {
  describeTransport(`OSS bucket ${bucket}, signed with ${signature}`, async () => ({
    transport: async () =>
      ossTransport({
        bucket,
        ...(region && { region }),
        ...(endpoint && { endpoint }),
        signature,
        credentials,
      }),
    key: (name) => `${prefix}${randomUUID()}/${name}`,
    pageSize: 1_000,
  }));
}
