/// Plans: disks that are backed up by themselves, copied elsewhere, looked after, and judged by the
/// rule of 3-2-1.
///
/// [Plans] is the way in. A [Plan] is a value; the catalogue has it as a text, and records its
/// runs.
///
/// ```
/// due or asked for ─▶ run: backup ─▶ copy ─▶ forget ─▶ prune ─▶ read a share ─▶ try a restore
///                       │      each step by itself: what fails stops no other
///                       ▼
///                 record of steps, log ─▶ board of 3-2-1, webhook
/// ```
///
/// | | |
/// |---|---|
/// | which points are a plan's | those with its tag, `plan:NAME`, of the same source, made on this host: in a repository that others use, too, a rule touches nothing of theirs |
/// | a rule | judges each source for itself; a machine's two disks do not drive each other out |
/// | a copy | takes what the rule of the repository it goes to would keep, and no more: what was forgotten there does not come back |
/// | once at a time | a run holds a lock on a file in the home, which the kernel lets go of when the process ends, however that ends; what it leaves unfinished is recorded as interrupted by whoever holds the lock next |
/// | once for each time | under that lock it is asked again whether the plan is due: a server and a timer may both look |
/// | after sleep | what was missed is made up for once |
/// | a clock that was wrong | runs recorded later than now do not count: rather one more than none |
/// | an interrupted run | is begun again once by itself, then at its next time |
///
/// The convention of 3-2-1 is the one of its source (US-CERT, Data Backup Options, 2012): three
/// copies, of which the machine's own disk is one; on two kinds of media, that disk's among them;
/// one of them off-site. A copy counts when its newest point is not known to be damaged and not
/// older than two of the plan's times.
///
/// Thread rule: [Plans] is safe for several threads; values are values; all else is confined.
@NullMarked
package io.calco.engine.plan;

import org.jspecify.annotations.NullMarked;
