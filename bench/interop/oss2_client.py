"""Drives the emulator with oss2, the Python SDK. One line per check; exit status 1 if any fails.

Usage: oss2_client.py ENDPOINT BUCKET WORK_FOLDER      (run.mjs starts it)
"""

import os
import random
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import oss2
from oss2.credentials import StaticCredentialsProvider

REGION = "cn-hangzhou"
KEY_ID = "emulator-id"
SECRET = "emulator-secret"
PART = 256 * 1024

failures = 0


def check(name, good):
    global failures
    failures += not good
    print(("ok    " if good else "FAIL  ") + name, flush=True)


def bucket_for(version, endpoint, name):
    if version == "v4":
        return oss2.Bucket(oss2.AuthV4(KEY_ID, SECRET), endpoint, name, region=REGION)
    return oss2.Bucket(oss2.Auth(KEY_ID, SECRET), endpoint, name)


def make_file(path, size, seed):
    with open(path, "wb") as file:
        file.write(random.Random(seed).randbytes(size))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def objects(bucket, prefix):
    key = prefix + "ä b+c'()!*~.txt"
    put = bucket.put_object(key, b"hello", headers={"x-oss-meta-who": "me", "Content-Type": "text/x"})
    check(prefix + "put gives the CRC-64 that oss2 computed", put.crc == 11177612005948864433)
    head = bucket.head_object(key)
    check(
        prefix + "head",
        (head.content_length, head.content_type, head.headers["x-oss-meta-who"], head.object_type)
        == (5, "text/x", "me", "Normal"),
    )
    check(prefix + "get", bucket.get_object(key).read() == b"hello")
    check(prefix + "get a range", bucket.get_object(key, byte_range=(1, 3)).read() == b"ell")
    check(prefix + "object meta", bucket.get_object_meta(key).content_length == 5)
    check(prefix + "list", [o.key for o in oss2.ObjectIteratorV2(bucket, prefix=prefix)] == [key])
    bucket.copy_object(bucket.bucket_name, key, prefix + "copy")
    check(prefix + "copy", bucket.get_object(prefix + "copy").read() == b"hello")
    url = bucket.sign_url("GET", key, 60, slash_safe=True)
    check(prefix + "signed URL", urllib.request.urlopen(url).read() == b"hello")
    tampered = url.replace(".txt", ".txu")
    try:
        urllib.request.urlopen(tampered)
        check(prefix + "tampered URL is refused", False)
    except urllib.error.HTTPError as error:
        check(prefix + "tampered URL is refused", error.code == 403)
    bucket.batch_delete_objects([key, prefix + "copy"])
    check(prefix + "delete many", not bucket.object_exists(key))
    try:
        bucket.get_object(key)
        check(prefix + "missing key", False)
    except oss2.exceptions.NoSuchKey as error:
        check(prefix + "missing key", error.status == 404 and len(error.request_id) == 24)


def multipart(bucket, prefix):
    key = prefix + "parts"
    upload_id = bucket.init_multipart_upload(key).upload_id
    parts = []
    for number in (1, 2, 3):
        data = bytes([number]) * (102400 if number < 3 else 10)
        result = bucket.upload_part(key, upload_id, number, data)
        parts.append(oss2.models.PartInfo(number, result.etag, size=len(data), part_crc=result.crc))
    listed = list(oss2.PartIterator(bucket, key, upload_id, max_parts=1))
    check(prefix + "list parts, page by page", [(p.part_number, p.etag) for p in listed] == [(p.part_number, p.etag) for p in parts])
    uploads = [u.upload_id for u in oss2.MultipartUploadIterator(bucket, prefix=key)]
    check(prefix + "list uploads", uploads == [upload_id])
    done = bucket.complete_multipart_upload(key, upload_id, parts)
    check(prefix + "complete", done.status == 200 and done.etag.endswith("-3"))
    copy_id = bucket.init_multipart_upload(key + "-copy").upload_id
    copied = bucket.upload_part_copy(bucket.bucket_name, key, (0, 102399), key + "-copy", copy_id, 1)
    check(prefix + "copy a part", copied.etag == parts[0].etag)
    bucket.abort_multipart_upload(key + "-copy", copy_id)
    try:
        bucket.list_parts(key + "-copy", copy_id)
        check(prefix + "abort", False)
    except oss2.exceptions.NoSuchUpload:
        check(prefix + "abort", True)


def resumable(bucket, endpoint, prefix, version, folder):
    key = prefix + "resumed"
    source = os.path.join(folder, version + "-source.bin")
    make_file(source, 20 * PART + 123, version)
    # A child uploads and is killed at its eighth part; the parent goes on from the record on disk.
    child = subprocess.run([sys.executable, __file__, "--die", endpoint, bucket.bucket_name, version, key, source, folder])
    check(prefix + "uploader was killed half-way", child.returncode == -signal.SIGKILL)
    uploads = [u.upload_id for u in oss2.MultipartUploadIterator(bucket, prefix=key)]
    check(prefix + "one session is left open", len(uploads) == 1)
    before = len(list(oss2.PartIterator(bucket, key, uploads[0])))
    check(prefix + "finished parts are there", 0 < before < 21)
    seen = []
    upload(bucket, key, source, folder, lambda consumed, _total: seen.append(consumed))
    check(prefix + "goes on where it was", seen[0] >= before * PART and seen[0] > 0)
    target = os.path.join(folder, version + "-target.bin")
    store = oss2.ResumableDownloadStore(root=folder)
    oss2.resumable_download(bucket, key, target, store=store, multiget_threshold=0, part_size=PART, num_threads=3)
    check(prefix + "resumable download has the same bytes", read(target) == read(source))


def upload(bucket, key, source, folder, progress):
    store = oss2.ResumableStore(root=folder)
    options = dict(store=store, multipart_threshold=0, part_size=PART, num_threads=1, progress_callback=progress)
    oss2.resumable_upload(bucket, key, source, **options)


def die(endpoint, name, version, key, source, folder):
    def progress(consumed, _total):
        if consumed >= 8 * PART:
            os.kill(os.getpid(), signal.SIGKILL)

    upload(bucket_for(version, endpoint, name), key, source, folder, progress)


def main():
    if sys.argv[1] == "--die":
        return die(*sys.argv[2:])
    endpoint, name, folder = sys.argv[1:]
    print("oss2 " + oss2.__version__)
    for version in ("v1", "v4"):
        bucket = bucket_for(version, endpoint, name)
        check(version + "/bucket info", bucket.get_bucket_info().name == name)
        objects(bucket, version + "/objects/")
        multipart(bucket, version + "/multipart/")
        resumable(bucket, endpoint, version + "/resumable/", version, folder)
    print(f"{failures} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
