@NullMarked
package io.calco.server.web.machine;

import org.jspecify.annotations.NullMarked;
