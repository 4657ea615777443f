"""Plays a transcript (see script.ts) with python3-socketio, as Debian has it, and nothing of Confab's.

Reads {"url", "values", "steps"} as JSON from standard input; ends with 1 and the step that went otherwise.
"""

import json
import re
import sys
import time

import socketio

NAME = r"[a-z][\w.]*"
WHOLE = re.compile(rf"^([$#])({NAME})$")
INSIDE = re.compile(rf"\{{({NAME})\}}")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
PATIENCE_S = 20


def fill(values, template):
    if isinstance(template, str):
        whole = WHOLE.match(template)
        if not whole:
            return INSIDE.sub(lambda inner: values[inner.group(1)], template)
        value = values[whole.group(2)]
        return int(value) if whole.group(1) == "#" else value
    if isinstance(template, list):
        return [fill(values, item) for item in template]
    if isinstance(template, dict):
        return {key: fill(values, item) for key, item in template.items()}
    return template


def is_like(values, pattern, heard):
    if isinstance(pattern, str):
        if pattern == "@any":
            return True
        if pattern == "@time":
            return isinstance(heard, str) and TIME.match(heard) is not None
        whole = WHOLE.match(pattern)
        if not whole:
            return heard == fill(values, pattern)
        if type(heard) is not (int if whole.group(1) == "#" else str):
            return False
        return values.setdefault(whole.group(2), str(heard)) == str(heard)
    if isinstance(pattern, dict):
        return (
            isinstance(heard, dict)
            and pattern.keys() == heard.keys()
            and all(is_like(values, pattern[key], heard[key]) for key in pattern)
        )
    if isinstance(pattern, list):
        return (
            isinstance(heard, list)
            and len(pattern) == len(heard)
            and all(is_like(values, one, other) for one, other in zip(pattern, heard))
        )
    return type(pattern) is type(heard) and pattern == heard


def matches(values, pattern, heard):
    bound = dict(values)
    if not is_like(bound, pattern, heard):
        return False
    values.update(bound)
    return True


def connect(url, auth):
    client, heard = socketio.Client(reconnection=False), []
    client.on("*", lambda event, *args: heard.append((event, args[0] if args else None)))
    client.connect(url, auth=auth, wait_timeout=PATIENCE_S)
    return client, heard


def play(url, values, step, clients):
    who = step["who"]
    if "connect" in step:
        clients[who] = connect(url, fill(values, step["connect"]))
        return
    if "refused" in step:
        try:
            connect(url, fill(values, step["refused"]))
        except socketio.exceptions.ConnectionError:
            return
        raise AssertionError("was not refused")
    client, heard = clients[who]
    if "leave" in step:
        client.disconnect()
    elif "emit" in step:
        payload = fill(values, step.get("payload"))
        if "ack" not in step:
            client.emit(step["emit"], payload)
            return
        answer = client.call(step["emit"], payload, timeout=PATIENCE_S)
        assert matches(values, step["ack"], answer), f"was answered {answer}"
    else:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            for index, (event, payload) in enumerate(heard):
                if event == step["hear"] and matches(values, step["payload"], payload):
                    del heard[index]
                    return
            time.sleep(0.02)
        raise AssertionError(f"heard {heard}")


def main():
    task = json.load(sys.stdin)
    clients = {}
    for number, step in enumerate(task["steps"], 1):
        try:
            play(task["url"], task["values"], step, clients)
        except Exception as error:
            print(f"step {number}, {step}: {error!r}", file=sys.stderr)
            sys.exit(1)
    for client, _heard in clients.values():
        client.disconnect()


main()
