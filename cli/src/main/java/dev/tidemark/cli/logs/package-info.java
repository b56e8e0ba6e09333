/// Logs of all systems as the tool sees them: detected, verified, read, written.
@NullMarked
package dev.tidemark.cli.logs;

import org.jspecify.annotations.NullMarked;
