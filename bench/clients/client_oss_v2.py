"""Python alibabacloud-oss-v2: Uploader for one file, put_object_from_file for small ones."""
import alibabacloud_oss_v2 as oss

from measure import measured, pooled, small_files


def prepare(config):
    settings = oss.config.load_default()
    settings.credentials_provider = oss.credentials.StaticCredentialsProvider("ak", "sk")
    settings.region = "cn-hangzhou"
    settings.endpoint = config["endpoint"]
    settings.use_path_style = True
    client = oss.Client(settings)

    def request(key):
        return oss.PutObjectRequest(bucket=config["bucket"], key=key)

    if config.get("directory"):
        pairs = list(small_files(config))
        one = lambda key, path: client.put_object_from_file(request(key), path)
        return lambda _key: pooled(pairs, config["concurrency"], one)
    options = {}
    if config.get("partSize"):
        options["part_size"] = config["partSize"]
    if config.get("concurrency"):
        options["parallel_num"] = config["concurrency"]
    if config.get("state"):
        options.update(enable_checkpoint=True, checkpoint_dir=config["state"])
    uploader = client.uploader(**options)
    return lambda key: uploader.upload_file(request(key), config["file"])


measured(prepare)
