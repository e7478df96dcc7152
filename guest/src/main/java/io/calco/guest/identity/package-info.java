/// What tells one machine from another and is cleared in a template, set in a clone: host name,
/// machine-id(5), random seed. Works on a [io.calco.guest.Draft].
@NullMarked
package io.calco.guest.identity;

import org.jspecify.annotations.NullMarked;
