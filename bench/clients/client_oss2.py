"""Python oss2: resumable_upload for one file (it writes its record and lists parts), put_object_from_file for small ones."""
import tempfile

import oss2

from measure import measured, pooled, small_files


def prepare(config):
    session = oss2.Session(pool_size=max(10, config.get("concurrency") or 0))
    bucket = oss2.Bucket(oss2.Auth("ak", "sk"), config["endpoint"], config["bucket"], session=session)
    if config.get("directory"):
        pairs = list(small_files(config))
        return lambda _key: pooled(pairs, config["concurrency"], bucket.put_object_from_file)
    options = {}
    if config.get("partSize"):
        options["part_size"] = config["partSize"]
    if config.get("concurrency"):
        options["num_threads"] = config["concurrency"]
    root = config.get("state") or tempfile.mkdtemp(prefix="partwise-bench-oss2-", dir=config["temporary"])
    store = oss2.ResumableStore(root=root)
    return lambda key: oss2.resumable_upload(bucket, key, config["file"], store=store, **options)


measured(prepare)
