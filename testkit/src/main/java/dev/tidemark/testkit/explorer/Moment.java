package dev.tidemark.testkit.explorer;

import dev.tidemark.testkit.disk.SimulatedDisk;

/// A moment at which the machine may stop: right after a call that changed the disk.
///
/// @param number from 0, in one run
/// @param operation what was just done
/// @param disk as it is, with what is not synced; never written
/// @param known what the log owes
record Moment(int number, String operation, SimulatedDisk disk, Known known) {}
