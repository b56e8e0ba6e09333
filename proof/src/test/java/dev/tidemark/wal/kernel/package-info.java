/// Logs on real kernels: programs that are killed, file systems whose power is cut, disks that are
/// full or dead, and the order of system calls.
@NullMarked
package dev.tidemark.wal.kernel;

import org.jspecify.annotations.NullMarked;
