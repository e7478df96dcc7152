/// Generalising: which operations run on a guest, what they will do, and what they did.
///
/// [Generaliser] drafts all chosen operations one after the other on one [io.calco.guest.Draft], so
/// that each sees what the ones before it take away; the result is a [GeneralisationPlan] to print
/// or to apply.
@NullMarked
package io.calco.guest.generalise;

import org.jspecify.annotations.NullMarked;
