/// A disk in memory that knows what a power cut would leave of it, and fails on request.
///
/// [dev.tidemark.testkit.disk.SimulatedDisk] keeps what is durable and, in order, what is not: the
/// writes of each file and the changes of names. A [dev.tidemark.testkit.disk.Crash] says what of
/// that arrives; [dev.tidemark.testkit.disk.Faults] says which calls fail, lie or take their time.
///
/// What it assumes of a disk: a sync that returned made durable what was written before it was
/// called; a byte that a write does not change keeps its value. Everything else may happen.
@NullMarked
package dev.tidemark.testkit.disk;

import org.jspecify.annotations.NullMarked;
