/// The audit log, for administrators.
@NullMarked
package io.calco.server.web.audit;

import org.jspecify.annotations.NullMarked;
