/// Backups for the callers of a server: repositories that its settings name, looked at, browsed and
/// worked with by administrators.
///
/// [ServedBackups] is the start: it knows the repositories, and shows what lies in each.
/// [PointContents] reads what is in points, [BackupOrders] makes, restores, verifies and forgets
/// them, long work as jobs.
///
/// Whose: disks are a whole machine's, with everybody's secrets in them, so all of this is for
/// administrators, and the audit log has what they changed or took out. Where a repository lies,
/// what opens it, and where restores may write, settings of the host say and nothing else: no
/// caller names an address, a directory or a key.
///
/// A repository is opened when somebody first asks for it, and stays open. One that does not answer
/// keeps nobody waiting for more than a few seconds.
@NullMarked
package io.calco.engine.backup.served;

import org.jspecify.annotations.NullMarked;
