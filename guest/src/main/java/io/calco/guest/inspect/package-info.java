/// Inspection: facts about what is installed in a guest's disk, and what makes the machine unique.
/// Reads only; what cannot be read becomes a warning among the facts.
///
/// [GuestFacts] and its parts are meant for JSON: a component's name in kebab-case is the field's
/// name, an enum's constant in lower case with hyphens is its value.
@NullMarked
package io.calco.guest.inspect;

import org.jspecify.annotations.NullMarked;
