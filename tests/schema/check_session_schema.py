# SPDX-License-Identifier: Apache-2.0
"""check_session_schema.py MOESCOPE RESOURCES: what the program writes is what the schema says, no more, no less.

Sweeps a few tiny cells on the CPU, one of them impossible, and validates the session; the recorded sessions and the
presets too. Then checks the schema itself: each field written is described, each field described is written, and
documents that are wrong do not pass.
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema

# Where moescope writes an open form, or only what the user chose.
OPTIONAL = {"spec.name", "spec.shard", "spec.tokens_per_expert", "spec.total_tokens", "results[].repetitions", "results[].imported_from"}
OPEN = {"results[].telemetry"}


def sweep(moescope, folder, *more):
    out = folder / "tiny.moescope.json"
    command = [moescope, "sweep", "--device", "cpu", "--experts", "2", "--max-tokens", "8", "--hidden", "128",
               "--tokens-per-expert", "2,9", "--strategy", "even,first", "--max-time", "0.02", "--progress", "none",
               "--out", str(out), *more]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=120)
    return json.loads(out.read_text(encoding="utf-8"))


def merged_and_imported(moescope, folder):
    """Sessions that hold the fields which a sweep alone does not write."""
    def made(name, *arguments):
        out = folder / name
        subprocess.run([moescope, *arguments, "--out", str(out)], check=True, stdout=subprocess.DEVNULL, timeout=60)
        return json.loads(out.read_text(encoding="utf-8"))

    parts = []
    for i in range(2):
        sweep(moescope, folder)
        parts.append((folder / "tiny.moescope.json").rename(folder / f"part-{i}.moescope.json"))
    sharded = sweep(moescope, folder, "--shard", "1/2")
    log = folder / "log.txt"
    log.write_text("Testing strategy: uniform\nCompleted: E=8,T=1024,H=7168,TT=64: V2: 0.031ms, Triton: 0.054ms\n",
                   encoding="utf-8")
    merged = made("merged.moescope.json", "merge", *map(str, parts))
    imported = made("imported.moescope.json", "import", str(log), "--format", "vllm-log")
    assert any("repetitions" in r for r in merged["results"])
    assert all("imported_from" in r for r in imported["results"])
    assert sharded["spec"]["shard"] == "1/2"
    return [merged, imported, sharded]


def resolve(schema, node):
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    return node


def compare_fields(schema, node, value, where, problems):
    """Every key of `value` is described under `node`, and the other way round."""
    node = resolve(schema, node)
    if isinstance(value, list) and "items" in node:
        for item in value:
            compare_fields(schema, node["items"], item, where + "[]", problems)
    if not isinstance(value, dict) or where in OPEN:
        return
    described = node.get("properties", {})
    prefix = where + "." if where else ""
    problems.update(f"{prefix}{key} is written but not described" for key in value if key not in described)
    problems.update(f"{prefix}{key} is described but not written"
                    for key in described if key not in value and prefix + key not in OPTIONAL)
    for key in value.keys() & described.keys():
        compare_fields(schema, described[key], value[key], prefix + key, problems)


def broken_documents(good):
    """Copies of a good document, each with one thing wrong."""
    changes = {
        "a newer version": lambda d: d.update(schema_version=2),
        "no version": lambda d: d.pop("schema_version"),
        "an unknown status": lambda d: d["results"][0].update(status="fine"),
        "a negative time": lambda d: d["results"][0].update(median_us=-1.0),
        "a time in words": lambda d: d["results"][0].update(median_us="4 us"),
        "a group size that does not exist": lambda d: d["results"][0].update(group_size=100),
        "no kernel": lambda d: d["results"][0].pop("kernel"),
        "an interval with one end": lambda d: d["results"][0].update(ci95_us=[1.0]),
        "an unknown strategy": lambda d: d["spec"].update(strategies=["evenly"]),
    }
    for name, change in changes.items():
        document = copy.deepcopy(good)
        change(document)
        yield name, document


def main():
    moescope, resources = sys.argv[1], pathlib.Path(sys.argv[2])
    schema = json.loads((resources / "schema" / "session.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    selection = validator.evolve(schema={"$ref": "#/$defs/selection", "$defs": schema["$defs"]})

    with tempfile.TemporaryDirectory() as folder:
        session = sweep(moescope, pathlib.Path(folder))
        written = [session, *merged_and_imported(moescope, pathlib.Path(folder))]
    problems = set()
    for document in written:
        problems.update(f"{error.json_path}: {error.message}" for error in validator.iter_errors(document))
        compare_fields(schema, schema, document, "", problems)
    statuses = {result["status"] for result in session["results"]}
    if statuses != {"ok", "skipped"}:
        problems.add(f"the sweep gave {sorted(statuses)}, wanted both ok and skipped")

    for name, document in broken_documents(session):
        if validator.is_valid(document):
            problems.add(f"{name} passes the schema")
    recorded = sorted((resources / "sessions").glob("**/*.moescope.json"))
    for path in recorded:
        document = json.loads(path.read_text(encoding="utf-8"))
        problems.update(f"{path.name}: {e.json_path}: {e.message[:200]}" for e in validator.iter_errors(document))
    presets = sorted((resources / "presets").glob("*.json"))
    for path in presets:
        document = json.loads(path.read_text(encoding="utf-8"))
        problems.update(f"{path.name}: {e.json_path}: {e.message}" for e in selection.iter_errors(document["selection"]))
    if not presets:
        problems.add("no presets found")

    for problem in sorted(problems):
        print(problem)
    print(f"{len(session['results'])} fresh cells, {len(recorded)} recorded sessions, {len(presets)} presets: "
          + (f"{len(problems)} problems" if problems else "as the schema says"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
