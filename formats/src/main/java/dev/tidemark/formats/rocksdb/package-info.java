/// RocksDB's write-ahead log.
/// - **record**: what RocksDB writes at once, one write batch
/// - **fragment**: the part of a record in one block
/// - **log number**: the number in a file's name, which a file that is used again tells its own
///   fragments by
/// - **old**: left in a file from the time before it was used again
@NullMarked
package dev.tidemark.formats.rocksdb;

import org.jspecify.annotations.NullMarked;
