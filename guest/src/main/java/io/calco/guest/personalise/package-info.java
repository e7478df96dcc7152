/// Personalising: what makes a clone a machine of its own before it first starts.
///
/// [Personaliser] turns a [Personalisation] into changes to the clone's files and tells the
/// [CloneIdentity] that they give it: name, machine-id, host keys' fingerprints, known_hosts lines.
/// It asks nothing of the template but that it was generalised: a machine-id, random seed or host
/// key that is still there is taken away or replaced all the same.
@NullMarked
package io.calco.guest.personalise;

import org.jspecify.annotations.NullMarked;
