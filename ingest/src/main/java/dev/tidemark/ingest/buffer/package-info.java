/// Rows in memory, column by column, on their way from the log to a file.
@NullMarked
package dev.tidemark.ingest.buffer;

import org.jspecify.annotations.NullMarked;
