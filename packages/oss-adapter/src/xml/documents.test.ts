import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { percentEncode } from "../encode.js";
import { readCompleted, readError, readInitiated, readParts, readUploads } from "./documents.js";
import { parseXml } from "./parse.js";
import { writeComplete } from "./write.js";

const page = (parts: string, more = "<IsTruncated>false</IsTruncated>") =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListPartsResult xmlns="http://doc.oss">${more}${parts}</ListPartsResult>`;

describe("parts", () => {
  const one =
    '<Part><PartNumber>1</PartNumber><LastModified>2012-02-23T07:01:34.000Z</LastModified><ETag>"AB"</ETag><HashCrc64ecma>18446744073709551615</HashCrc64ecma><Size>102400</Size></Part>';

  it("reads none, one and two alike", () => {
    expect(readParts(page("")).Part).toBeUndefined();
    expect(readParts(page(one)).Part).toEqual([
      { PartNumber: 1, Size: 102400, ETag: "AB", HashCrc64ecma: "18446744073709551615" },
    ]);
    expect(readParts(page(one + one)).Part).toHaveLength(2);
  });

  it("reads a tag in every spelling of its quotes, and a part without a checksum", () => {
    for (const quote of ['"', "&quot;", "&#34;", "&#x22;", ""]) {
      const text = page(
        `<Part><PartNumber>2</PartNumber><ETag>${quote}AB-1${quote}</ETag><Size>0</Size></Part>`,
      );
      expect(readParts(text).Part).toEqual([{ PartNumber: 2, Size: 0, ETag: "AB-1" }]);
    }
  });

  it.each([
    ["another root", "<Else><IsTruncated>false</IsTruncated></Else>"],
    ["no IsTruncated", "<ListPartsResult></ListPartsResult>"],
    [
      "a size that is no number",
      page("<Part><PartNumber>1</PartNumber><ETag>a</ETag><Size>1e3</Size></Part>"),
    ],
    ["a cut document", page(one).slice(0, -20)],
    ["html", "<html><body>hello<br></body></html>"],
    ["nothing", ""],
    ["two roots", "<a></a><b></b>"],
    [
      "a DOCTYPE",
      `<!DOCTYPE x [<!ENTITY e "boom">]>${page("<Part><PartNumber>1</PartNumber><ETag>&e;</ETag><Size>1</Size></Part>")}`,
    ],
    ["deep nesting", `${"<a>".repeat(3000)}${"</a>".repeat(3000)}`],
  ])("refuses %s", (_name, text) => {
    expect(() => readParts(text)).toThrow();
  });

  it("does not let a name reach a prototype", () => {
    const evil = page("<__proto__><polluted>1</polluted></__proto__><constructor>x</constructor>");
    try {
      readParts(evil);
    } catch {
      // Refusing is as good as ignoring.
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("sessions", () => {
  it("decodes names of any kind", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (key) => {
        const text = `<ListMultipartUploadsResult><EncodingType>url</EncodingType><NextKeyMarker>${percentEncode(key)}</NextKeyMarker><IsTruncated>true</IsTruncated><Upload><Key>${percentEncode(key)}</Key><UploadId>ID</UploadId><Initiated>2012-02-23T04:18:23.000Z</Initiated></Upload></ListMultipartUploadsResult>`;
        const document = readUploads(text);
        expect(document.NextKeyMarker).toBe(key);
        expect(document.Upload).toEqual([{ Key: key, UploadId: "ID", Initiated: 1329970703000 }]);
      }),
    );
  });
});

describe("single documents", () => {
  it("reads an upload id and refuses an empty one", () => {
    const text = (id: string) =>
      `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`;
    expect(readInitiated(text("0004B9")).UploadId).toBe("0004B9");
    expect(() => readInitiated(text(""))).toThrow();
  });

  it("reads the tag of a completed object", () => {
    const text = `<CompleteMultipartUploadResult><ETag>&quot;F-2&quot;</ETag></CompleteMultipartUploadResult>`;
    expect(readCompleted(text).ETag).toBe("F-2");
  });

  it("tells an error of OSS from anything else", () => {
    expect(
      readError("<Error><Code>NoSuchKey</Code><Message>a &lt; &amp;lt; b</Message></Error>"),
    ).toMatchObject({
      Code: "NoSuchKey",
      Message: "a < &lt; b",
    });
    for (const text of ["", "<html>Error</html>", "<Error>", "<Error><No/></Error>", '{"Error":1}'])
      expect(readError(text)).toBeUndefined();
  });

  it("writes a list that comes back, whatever the tag", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "<", ">", "&", '"', "'", "0"), minLength: 1 }),
        (tag) => {
          const { content } = parseXml(writeComplete([{ number: 7, size: 1, tag }]));
          expect(content).toEqual({ Part: [{ PartNumber: "7", ETag: `"${tag}"` }] });
        },
      ),
    );
  });
});
