"""The numbers of a run, as the table in README.md."""

from collections import Counter

LEFT = ("processes", "mounts", "files")


def table(options, ledger, monkey, verdict):
    kinds = Counter(fault.kind for fault in monkey.faults)
    undisturbed = [seconds for seconds, disturbed in verdict.recoveries if not disturbed]
    disturbed = [seconds for seconds, disturbed in verdict.recoveries if disturbed]
    numbers = verdict.numbers
    rows = [
        ("faults", len(monkey.faults)),
        *((f"– {kind}", count) for kind, count in sorted(kinds.items())),
        ("builds accepted", numbers["accepted"]),
        ("ended once", numbers["ended once"]),
        ("lost", numbers["lost"]),
        ("ended twice", numbers["ended twice"]),
        ("attempts in all", numbers["attempts"]),
        ("builds whose clients went away before the answer", numbers["unclaimed"]),
        ("recorded digests, and those that the registry lacks", f"{numbers['digests']}, {numbers['digests missing']}"),
        ("tags that are not what was pushed last", numbers["tags wrong"]),
        ("processes, mounts, files left", ", ".join(str(numbers[what + " left"]) for what in LEFT)),
        ("a lost worker's build runs again, worst of " + str(len(undisturbed)), worst(undisturbed)),
        (f"the same with further faults meanwhile, worst of {len(disturbed)}", worst(disturbed)),
        ("ready after the start of a replica, worst", worst(monkey.ready_after)),
        ("ready after the return of the database, worst", worst(monkey.answers_after)),
    ] + sorted(("clients: " + what, count) for what, count in ledger.counts.items() if what != "accepted")
    heading = f"| seed {options.seed}, {options.seconds} s, {options.clients} clients | |\n|---|---|\n"
    return heading + "\n".join(f"| {what} | {value} |" for what, value in rows)


def worst(seconds):
    return f"{max(seconds):.1f} s" if seconds else "–"
