/*
 * One durable writer: the yardstick for a blocking append by one thread.
 *
 * Builds a frame with its checksums in memory, pwrite, fdatasync, again, for some seconds. No
 * threads, no claims, no hand-off: what the system calls and the disk leave, nothing can beat by
 * much. A log that reaches 0.9 of it spends its own time well.
 *
 *   lone_writer FILE BYTES SECONDS      FILE must not exist; it is made, 64 MiB, and removed
 */
#include "frame.h"

int main(int argc, char **argv) {
    size_t bytes = argc == 4 ? strtoull(argv[2], NULL, 10) : 0;
    double seconds = argc == 4 ? strtod(argv[3], NULL) : 0;
    if (bytes < 1 || bytes > FILE_BYTES / 2 || !(seconds > 0)) {
        fprintf(stderr, "usage: %s FILE BYTES SECONDS\n", argv[0]);
        return 64;
    }
    int fd = written_once(argv[1]);
    size_t frame_bytes = LINE + padded(bytes);
    char *record = malloc(bytes), *frame = aligned_alloc(4096, (frame_bytes + LINE + 4095) & ~4095ul);
    if (!record || !frame) die("malloc");
    memset(record, 'x', bytes);
    memset(frame, 0, frame_bytes + LINE);

    struct samples latencies = {0};
    off_t offset = 0;
    uint64_t begun = now_ns(), until = begun + (uint64_t)(seconds * 1e9), before = begun;
    while (before < until) {
        if (offset + (off_t)(frame_bytes + LINE) > FILE_BYTES) offset = 0;
        memcpy(frame + LINE, record, bytes); /* the caller's bytes are copied, as an append must */
        frame_fill((struct frame_header *)frame, (uint64_t)offset, 1, frame + LINE, padded(bytes));
        ssize_t written = pwrite(fd, frame, frame_bytes + LINE, offset);
        if (written != (ssize_t)(frame_bytes + LINE)) die("pwrite");
        if (fdatasync(fd)) die("fdatasync");
        offset += (off_t)frame_bytes;
        uint64_t after = now_ns();
        samples_add(&latencies, after - before);
        before = after;
    }
    report("lone_writer", bytes, 1, &latencies, before - begun);
    unlink(argv[1]);
    return 0;
}
