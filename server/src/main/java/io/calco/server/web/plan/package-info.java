/// Pages of plans of backups: whether every disk is safe by the rule of 3-2-1, what each plan did,
/// and running one now. For administrators.
@NullMarked
package io.calco.server.web.plan;

import org.jspecify.annotations.NullMarked;
