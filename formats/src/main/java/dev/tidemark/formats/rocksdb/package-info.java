/// RocksDB's write-ahead log.
@NullMarked
package dev.tidemark.formats.rocksdb;

import org.jspecify.annotations.NullMarked;
