@NullMarked
package io.calco.server.web.plan;

import org.jspecify.annotations.NullMarked;
