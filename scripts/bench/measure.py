"""`measure.py FILE COMMAND...`: runs a command and writes wall and CPU seconds and the peak memory of its processes to FILE.

The kernel counts them exactly, for children that have ended too, which a sampler from outside cannot see.
"""

import json
import resource
import subprocess
import sys
import time

began = time.monotonic()
code = subprocess.run(sys.argv[2:]).returncode
wall = time.monotonic() - began
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    json.dump(
        {
            "wallSeconds": wall,
            "cpuSeconds": usage.ru_utime + usage.ru_stime,
            # Of the largest process; Linux counts in KiB, macOS in bytes.
            "peakBytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        },
        file,
    )
sys.exit(code)
