/// The write-ahead log, as its users see it, and the words it is described in.
/// - **record**: the bytes a caller appends
/// - **LSN**: log sequence number, the dense count of records; the first is 1, and once durable it
///   names its record for ever
/// - **batch**: records that become durable together or not at all
/// - **group**: what one write and one sync commit
/// - **frame**: on disk, one or more records behind one header with checksums
/// - **segment**: one file of the log; *spare*, then *active*, then *sealed*
/// - **durable LSN**: the largest LSN that survives a crash now
/// - **low-water mark**: the smallest LSN still needed
/// - **checkpoint**: a snapshot of the state built from the log, which lets the low-water mark rise
/// - **cursor**: a forward walk over records
/// - **subscription**: a cursor with a name, whose acknowledged LSN is durable; it holds the
///   low-water mark
/// - **sync policy**: when an append is acknowledged
@NullMarked
package dev.tidemark.wal;

import org.jspecify.annotations.NullMarked;
