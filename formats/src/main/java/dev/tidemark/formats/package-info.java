/// What the logs of all systems have in common, as far as a reader is concerned.
/// - **record**: what the system's own reader would hand to the system, however it was cut up on
///   disk
/// - **payload**: the bytes of a record, without checksums, lengths and other framing
/// - **damage**: bytes of a file that hold no record though they should
/// - **rule**: what the system itself makes of damage
@NullMarked
package dev.tidemark.formats;

import org.jspecify.annotations.NullMarked;
