@NullMarked
package io.calco.server.web.backup;

import org.jspecify.annotations.NullMarked;
