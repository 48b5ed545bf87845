"""Runs the applications of steps one after the other in one Spark application, which spares each the start of Spark.

Usage: python shared_session.py FOLDER SPARK_SUBMIT_WORD... -- APPLICATION ARGUMENT...
The words are a whole spark-submit command without its application. The first step in a folder starts the application;
it ends when a step is killed, so that cancelling works as anywhere, or when none has come for a while.
Each application gets a Spark session of its own (settings, views), and what it prints and logs.
"""

import contextlib
import fcntl
import io
import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

IDLE_S = 180
START_TIMEOUT_S = 120
SOCKET = "socket"
TAKEN = "taken\n"
LOG = "log"


def main(arguments):
    """Has the shared session run an application; gives its exit code."""
    folder, words = arguments[0], arguments[1:]
    at = words.index("--")
    submit, application = words[:at], words[at + 1 :]
    os.makedirs(folder, exist_ok=True)
    # Paths of sockets are short, so they are named from within the folder.
    os.chdir(folder)
    line = None
    while line is None:
        line = ask(connect_or_start(submit), application)
    if not line:
        print("the shared Spark session ended during the step", file=sys.stderr)
        return 1
    answer = json.loads(line)
    sys.stdout.write(answer["stdout"])
    sys.stderr.write(answer["stderr"])
    return answer["code"]


def ask(connection, application):
    """The answer, empty when Spark ended meanwhile; None when it ended before it took the application up."""
    with connection, contextlib.suppress(ConnectionError):
        stream = connection.makefile("rw", encoding="utf-8")
        stream.write(json.dumps(application) + "\n")
        stream.flush()
        if stream.readline() == TAKEN:
            with contextlib.suppress(ConnectionError):
                return stream.readline()
            return ""
    return None


def connect_or_start(submit):
    """A connection to the session that serves this folder; starts it when there is none."""
    with open("lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with contextlib.suppress(OSError):
            return connect()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(SOCKET)
        with open(LOG, "ab") as log:
            command = [*submit, os.path.abspath(__file__), "--serve", os.getcwd()]
            server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while server.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                return connect()
            time.sleep(0.05)
    with open(LOG, encoding="utf-8", errors="replace") as log:
        sys.exit(f"the shared Spark session did not start:\n{log.read()[-4_000:]}")


def connect():
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(SOCKET)
    except OSError:
        connection.close()
        raise
    return connection


def serve(folder):
    """Serves applications until none has come for a while."""
    from pyspark.sql import SparkSession

    os.chdir(folder)
    first = SparkSession.builder.getOrCreate()
    # What an application stops is its own session, not Spark.
    SparkSession.stop = lambda _: None
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("socket.new")
    listener.listen()
    listener.settimeout(IDLE_S)
    os.rename("socket.new", SOCKET)
    while True:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            break
        connection.settimeout(None)
        with connection, connection.makefile("rw", encoding="utf-8") as stream:
            line = stream.readline()
            if not line:
                continue
            answered = threading.Event()
            threading.Thread(target=end_with, args=(connection, answered), daemon=True).start()
            with contextlib.suppress(OSError):
                stream.write(TAKEN)
                stream.flush()
            answer = run_application(first, *json.loads(line))
            answered.set()
            with contextlib.suppress(OSError):
                stream.write(json.dumps(answer) + "\n")
                stream.flush()
    end(0)


def end_with(connection, answered):
    """Ends Spark when the step at the other end is killed, as that would have ended its own."""
    with contextlib.suppress(OSError):
        connection.recv(1, socket.MSG_PEEK)
    if not answered.is_set():
        end(143)


def end(code):
    """Ends this process and Spark. Steps that wait their turn find nobody, and start another."""
    with contextlib.suppress(OSError):
        os.unlink(SOCKET)
    os._exit(code)


def run_application(first, application, *arguments):
    """Runs an application in a session of its own, as spark-submit would; gives its exit code and output."""
    log_start = os.path.getsize(LOG)
    session = first.newSession()
    type(session)._instantiatedSession = session
    first._jvm.org.apache.spark.sql.SparkSession.setDefaultSession(session._jsparkSession)
    first._jvm.org.apache.spark.sql.SparkSession.setActiveSession(session._jsparkSession)
    sys.argv = [application, *arguments]
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        code = run_file(first, application)
    first.catalog.clearCache()
    with open(LOG, encoding="utf-8", errors="replace") as log:
        log.seek(log_start)
        return {"code": code, "stdout": stdout.getvalue(), "stderr": log.read() + stderr.getvalue()}


def run_file(spark, application):
    hadoop = spark._jvm.org.apache.hadoop.fs
    with tempfile.TemporaryDirectory() as scratch:
        local = os.path.join(scratch, os.path.basename(application))
        try:
            path = hadoop.Path(application)
            files = path.getFileSystem(spark._jsc.hadoopConfiguration())
            files.copyToLocalFile(False, path, hadoop.Path(local), True)
            runpy.run_path(local, run_name="__main__")
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
            return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(sys.argv[2])
    else:
        sys.exit(main(sys.argv[1:]))
