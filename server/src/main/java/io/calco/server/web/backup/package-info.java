/// The pages of backups, for administrators: machines and their points on a line of time, a point
/// with all that is recorded of it and what is in it, and what can be done with it.
///
/// What they do is the engine's [io.calco.engine.backup.served]. All text of a point is a guest's:
/// it is made printable before it is shown, and files are only ever saved, never shown as pages.
@NullMarked
package io.calco.server.web.backup;

import org.jspecify.annotations.NullMarked;
