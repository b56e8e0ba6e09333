/// Where flushed rows go: Parquet files, each written exactly once.
@NullMarked
package dev.tidemark.sink;

import org.jspecify.annotations.NullMarked;
