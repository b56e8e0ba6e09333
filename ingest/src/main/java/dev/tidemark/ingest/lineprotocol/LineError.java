package dev.tidemark.ingest.lineprotocol;

/// Why a line was refused, and where.
///
/// @param line the physical line of the body where the fault is, counted from 1; blank lines,
///   comments and line ends inside quotes count
/// @param column the byte of that line where the fault is, counted from 1
/// @param reason what is wrong, for the sender to read
public record LineError(int line, int column, String reason) {}
