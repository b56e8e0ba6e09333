/// Where a log keeps its files, and the machine it runs on: the only code that touches the
/// operating system.
@NullMarked
package dev.tidemark.wal.storage;

import org.jspecify.annotations.NullMarked;
