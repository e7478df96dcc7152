/// What is recorded of plans of backups; [io.calco.catalog.PlanRecords] keeps it. What a plan means
/// is the engine's to say: here its definition is a text.
@NullMarked
package io.calco.catalog.plan;

import org.jspecify.annotations.NullMarked;
