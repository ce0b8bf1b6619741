"""The verdict: from the database, the registry and the machine, once nothing is broken any more."""

import hashlib
import os
import time

from ledger import stamp
from processes import NAMESPACE, await_until, of_directory

FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")
LOSSES = ("kill -9", "SIGSTOP beyond the lease")
# A lease and the time that looking for lost ones takes; how long a slot then takes to become free is the load's matter.
RECOVERY = 15


class Verdict:
    """Asks each question once; what is not as it must be goes to the ledger's violations."""

    def __init__(self, ledger, postgres, registry, services, faults):
        self.ledger = ledger
        self.postgres = postgres
        self.registry = registry
        self.services = services
        self.faults = faults
        self.numbers = {}
        self.recoveries = []

    def of_database(self):
        rows = self.postgres.query("select id, status, attempt from build")
        states = {id: status for id, status, _ in rows}
        kept = [entry for entry in self.ledger.accepted.values() if not entry.deleted]
        lost = [entry for entry in kept if states.get(entry.id) not in FINAL]
        for entry in lost:
            self.ledger.violate(f"lost: build {entry.id} ({entry.kind}) is {states.get(entry.id)}")
        for id, status in states.items():
            if status not in FINAL and id not in self.ledger.accepted:
                self.ledger.violate(f"build {id}, which nobody waited for, is {status}")
        for entry in kept:
            if entry.ended and states.get(entry.id) != entry.ended:
                self.ledger.violate(f"build {entry.id} was {entry.ended} for its client and is {states.get(entry.id)}")
        self.numbers |= {
            "accepted": len(self.ledger.accepted),
            "unclaimed": len(states.keys() - self.ledger.accepted.keys()),
            "ended once": len(self.ledger.accepted) - len(lost),
            "lost": len(lost),
            "ended twice": self._ended_twice(),
            "attempts": sum(int(attempt) for _, _, attempt in rows),
        }
        self._late_writes()
        self._recoveries()

    def _ended_twice(self):
        """A build that ends again without a client's having asked for it."""
        twice = 0
        ends = self.postgres.query(
            f"select build, count(*) filter (where became in {FINAL}) from soak_audit group by build"
        )
        for id, count in ends:
            entry = self.ledger.accepted.get(id)
            if int(count) > 1 + (entry.retries if entry else 0):
                twice += 1
                self.ledger.violate(f"build {id} ended {count} times")
        return twice

    def _late_writes(self):
        """What stands in the database of an attempt was written while the attempt had its lease."""
        for id, attempt, what in self.postgres.query("""
            with ended as (select build, attempt, min(at) as at from soak_audit where was = 'RUNNING' group by 1, 2)
            select l.build_id, l.attempt, 'log' from build_log l
                join ended e on e.build = l.build_id and e.attempt = l.attempt where l.batch > 0 and l.written_at > e.at
            union all
            select s.build_id, s.attempt, 'step ' || s.step from build_step s
                join ended e on e.build = s.build_id and e.attempt = s.attempt
                where s.started_at > e.at or s.status = 'running'"""):
            self.ledger.violate(f"attempt {attempt} of build {id} wrote after it had lost its lease: {what}")

    def _recoveries(self):
        """From the death of a worker until what it was building is queued and runs again."""
        nodes = {service.node(): service.name for service in self.services}
        running = self.postgres.query("""
            select extract(epoch from c.at), extract(epoch from l.at), l.owner, extract(epoch from r.at), l.build
            from soak_audit l
            join lateral (select at from soak_audit c where c.build = l.build and c.n < l.n and c.became = 'RUNNING'
                          order by n desc limit 1) c on true
            join lateral (select at from soak_audit r where r.build = l.build and r.n > l.n and r.became = 'RUNNING'
                          order by n limit 1) r on true
            where l.was = 'RUNNING' and l.became = 'QUEUED' and l.crashes > 0""")
        for claimed, lost, owner, again, build in running:
            deaths = [
                fault
                for fault in self.faults
                if fault.service == nodes[owner.split("/")[0]]
                and fault.kind in LOSSES
                and float(claimed) <= fault.began <= float(lost)
            ]
            if not deaths:
                continue
            died, lost, again = deaths[-1].began, float(lost), float(again)
            others = any(died < other.began < again for other in self.faults)
            disturbed = others or self.ledger.database_away(died, again)
            self.recoveries.append((again - died, disturbed))
            if not disturbed and lost - died > RECOVERY:
                took = f"{lost - died:.1f} s after its worker's death at {stamp(died)}"
                self.ledger.violate(f"build {build} was queued again {took}")

    def of_registry(self):
        missing = 0
        pushed = self.postgres.query("""
            select t.build_id, t.image, t.digest, b.status, t.status
            from build_target t join build b on b.id = t.build_id""")
        for id, image, digest, status, target in pushed:
            if status == "SUCCEEDED" and target not in ("pushed", "superseded"):
                self.ledger.violate(f"build {id} SUCCEEDED and its target {image} is {target}")
            if digest and not self.registry.holds(self._repository(image), digest):
                missing += 1
                self.ledger.violate(f"the registry does not hold {image} as {digest}, which build {id} recorded")
        self.numbers["digests"] = len({digest for _, _, digest, _, _ in pushed if digest})
        self.numbers["digests missing"] = missing
        self.numbers["tags wrong"] = self._tags()

    def _tags(self):
        """Each tag is what the build pushed that was queued last of those that pushed it; and never moved back."""
        wrong = 0
        ours = {id for id, entry in self.ledger.accepted.items() if entry.tag_is_ours}
        for image, digest, id in self.postgres.query("""
            select p.image, t.digest, b.id from push_turn p join build b on b.number = p.last_number
            join build_target t on t.build_id = b.id and t.image = p.image"""):
            repository, _, tag = image.rpartition(":")
            if id in ours and self._digest(self._repository(repository), tag) != digest:
                wrong += 1
                self.ledger.violate(f"{image} is not {digest}, which build {id} pushed last")
        for image, number in self.postgres.query("""
            select image, number from (select image, number, queued_at, n,
                lag((queued_at, number)) over (partition by image order by n) as before from soak_turns) turns
            where (queued_at, number) < before"""):
            wrong += 1
            self.ledger.violate(f"{image} moved back to build number {number}")
        return wrong

    def _digest(self, repository, tag):
        manifest = self.registry.manifest(repository, tag)
        return manifest and "sha256:" + hashlib.sha256(manifest).hexdigest()

    @staticmethod
    def _repository(image):
        name = image.partition("/")[2]
        assert name.startswith(NAMESPACE + "/"), image
        return name.rpartition(":")[0] if ":" in name else name

    def of_files(self, sources, restart):
        """While the services run idle: nothing of any attempt, and the sources of the builds that there are."""
        held = {id for (id,) in self.postgres.query("select id from build")}

        def stray():
            return [path for path in sources.iterdir() if not path.name.startswith(".") and path.name not in held]

        def left():
            return list(self._work()) + self._arriving(sources) + stray()

        # who died between a source and its row left one that goes when it is old enough
        self._age(stray())
        if not await_until(lambda: not left(), 20):
            # of what a dead service left, some things are cleared at a start only
            restart()
            await_until(lambda: not left(), 20)
        found = left()
        stages = [
            id
            for (id,) in self.postgres.query("select id from build where status = 'SUCCEEDED'")
            if (sources / id / "stage").exists()
        ]
        for path in found:
            self.ledger.violate(f"left behind: {path}")
        for id in held:
            if not (sources / id).exists():
                self.ledger.violate(f"the source of build {id} is gone")
        for id in stages:
            self.ledger.violate(f"the stage of build {id} is left behind")
        self.numbers["files left"] = len(found) + len(stages)

    @staticmethod
    def _age(directories):
        """Makes them look as if nobody had touched them for hours."""
        then = time.time() - 2 * 3600
        for directory in directories:
            for path in [*directory.rglob("*"), directory]:
                os.utime(path, (then, then), follow_symlinks=False)

    def _work(self):
        for service in self.services:
            yield from (service.data / "work").iterdir()

    @staticmethod
    def _arriving(sources):
        return [path for path in sources.glob(".incoming/**/*") if path.is_file() and path.suffix != ".lock"]

    def of_machine(self, directory):
        """When both services have ended, nothing has to do with their directories any more."""

        def left():
            return [found for service in self.services for found in of_directory(service.data)]

        await_until(lambda: not left(), 20)
        found = left()
        for pid, command, mounted in found:
            self.ledger.violate(f"left running: {pid} {command}" + (", with mounts" if mounted else ""))
        self.numbers["processes left"] = len(found)
        self.numbers["mounts left"] = sum(mounted for _, _, mounted in found)
