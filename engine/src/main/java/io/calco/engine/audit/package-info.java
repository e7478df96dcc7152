/// The audit log: who did what, to what, when, from where, and what came of it.
///
/// [AuditLog] is the one place that writes it; the services call it with the [Actor] who asks. What
/// is done is recorded after it was done, before the caller is told; what is refused, with the
/// reason. Secrets never are: nor is the name that a refused login claims, unless somebody is
/// called so, for people type passwords into the wrong field.
///
/// Kept are the newest 200,000 events of what was done, and the newest 50,000 of what was not,
/// about 100 MB; a login, a change and a download are an event each, the parts of one download
/// together one every ten minutes.
@NullMarked
package io.calco.engine.audit;

import org.jspecify.annotations.NullMarked;
