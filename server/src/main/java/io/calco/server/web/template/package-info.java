/// Templates of this host: what there is and what was made of it, and a wizard that shows what will
/// be taken out of a disk before it is.
@NullMarked
package io.calco.server.web.template;

import org.jspecify.annotations.NullMarked;
