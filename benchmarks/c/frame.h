/*
 * What goes to the disk: a frame as the log would write it, into a file that has been written once
 * before, so that neither its size nor its blocks change any more.
 *
 *   | header, 64 B: lengths, checksums | payload, padded to 64 B | 64 zero bytes |
 *
 * The zero bytes mark the end of the log; the next frame overwrites them.
 * x86-64 only: the checksum is the processor's own CRC-32C (SSE 4.2).
 */
#ifndef FRAME_H
#define FRAME_H

#include <fcntl.h>
#include <nmmintrin.h>
#include <stddef.h>
#include <sys/uio.h>
#include <unistd.h>

#include "measure.h"

enum { LINE = 64, FILE_BYTES = 64 << 20 };

struct frame_header {
    uint64_t magic, offset, records, payload_bytes;
    uint32_t payload_crc, header_crc;
    char padding[24];
};
_Static_assert(sizeof(struct frame_header) == LINE, "a header is one line");

static inline size_t padded(size_t bytes) { return (bytes + LINE - 1) / LINE * LINE; }

static inline uint32_t crc32c(uint64_t crc, const void *bytes, size_t count) {
    const char *p = bytes;
    for (; count >= 8; p += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        crc = _mm_crc32_u64(crc, word);
    }
    for (; count > 0; p++, count--) crc = _mm_crc32_u8((uint32_t)crc, (unsigned char)*p);
    return (uint32_t)crc;
}

/* The checksum is seeded with the place, so that bytes of another place never look valid. */
static inline void frame_fill(struct frame_header *h, uint64_t offset, uint64_t records,
                              const void *payload, size_t payload_bytes) {
    memset(h, 0, sizeof *h);
    h->magic = 0x31454d4152464454u;
    h->offset = offset;
    h->records = records;
    h->payload_bytes = payload_bytes;
    h->payload_crc = crc32c(offset ^ 0xffffffffu, payload, payload_bytes);
    h->header_crc = crc32c(offset ^ 0xffffffffu, h, offsetof(struct frame_header, header_crc));
}

/* Creates the file (it must not exist: nobody's data is overwritten) and writes it once. */
static inline int written_once(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) die(path);
    static char zeros[1 << 20];
    for (off_t at = 0; at < FILE_BYTES; at += sizeof zeros)
        if (pwrite(fd, zeros, sizeof zeros, at) != (ssize_t)sizeof zeros) die("pwrite");
    if (fsync(fd)) die("fsync");
    return fd;
}

#endif
