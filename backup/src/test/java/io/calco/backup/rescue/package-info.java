@NullMarked
package io.calco.backup.rescue;

import org.jspecify.annotations.NullMarked;
