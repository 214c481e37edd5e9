# Loads a handler module and passes events from the Lambda Runtime API to it, as the Python runtime of Lambda does.
import http.client
import importlib
import json
import os
import sys
import time
import traceback

BASE = "/2018-06-01/runtime/"
connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])


def call(method, route, body=None):
    headers = {} if body is None else {"Content-Type": "application/json"}
    connection.request(method, BASE + route, body, headers)
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def describe(error, starting=False):
    report = {
        "errorType": type(error).__name__,
        "errorMessage": str(error),
        "stackTrace": traceback.format_tb(error.__traceback__),
    }
    if starting and isinstance(error, SyntaxError):  # its text tells file and line
        report["errorType"] = "Runtime.UserCodeSyntaxError"
        report["errorMessage"] = "Syntax error in module '%s': %s" % (os.environ["_HANDLER"].rpartition(".")[0], error)
    print(json.dumps(report), file=sys.stderr, flush=True)
    return json.dumps(report).encode()


class Context:
    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context = None
        self.identity = None
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))


def load():
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    return getattr(importlib.import_module(module.replace("/", ".")), name)


def main():
    try:
        handler = load()
    except BaseException as error:
        call("POST", "init/error", describe(error, starting=True))
        sys.exit(1)
    while True:
        try:
            status, headers, event = call("GET", "invocation/next")
        except OSError:
            sys.exit(0)  # the server is gone
        if status != 200:
            sys.exit(1)
        request = "invocation/" + headers["Lambda-Runtime-Aws-Request-Id"]
        try:
            route, body = "/response", json.dumps(handler(json.loads(event), Context(headers))).encode()
        except Exception as error:
            route, body = "/error", describe(error)
        call("POST", request + route, body)


main()
