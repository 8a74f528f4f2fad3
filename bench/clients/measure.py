"""What one driver costs: wall clock, CPU of this process, peak memory. Start-up is excluded from the first two."""
import json
import os
import re
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor


def peak_mib():
    """Peak resident memory. getrusage would start at the parent's peak; the kernel's own line does not."""
    try:
        with open("/proc/self/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1)) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def small_files(config):
    for i in range(config["count"]):
        name = f"{i:05d}.bin"
        yield f"{config['key']}/{name}", os.path.join(config["directory"], name)


def pooled(pairs, width, one):
    with ThreadPoolExecutor(width) as pool:
        for _ in pool.map(lambda pair: one(*pair), pairs):
            pass


def measured(prepare):
    config = json.loads(sys.argv[1])
    try:
        upload = prepare(config)
        repetitions = config.get("repetitions", 1)
        started = round(time.time() * 1000)
        cpu, start = time.process_time(), time.perf_counter()
        for i in range(repetitions):
            upload(f"{config['key']}-{i}" if repetitions > 1 else config["key"])
        result = {
            "startedAt": started,
            "seconds": time.perf_counter() - start,
            "cpuSeconds": time.process_time() - cpu,
            "maxRssMiB": peak_mib(),
            "bytes": config["size"] * config.get("count", 1) * repetitions,
        }
    except Exception as error:  # the harness shows whatever it is
        print(json.dumps({"error": f"{type(error).__name__}: {str(error)[:300]}"}), flush=True)
        os._exit(1)
    print(json.dumps(result), flush=True)
    os._exit(0)
