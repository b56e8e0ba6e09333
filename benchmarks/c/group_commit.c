/*
 * Group commit: the yardstick for blocking appends by many threads.
 *
 * Each of T threads claims room for its record in a shared buffer with one atomic addition, copies
 * the record, publishes it, and sleeps until it is durable. One committer takes all that is
 * published without a gap, writes it as one frame, syncs once, and wakes everybody with one futex
 * call. While the disk works, the next group gathers. This is the design of the log without its
 * segments, limits and failure paths, so it is what those may cost at most.
 *
 *   group_commit FILE BYTES SECONDS THREADS      FILE must not exist; it is made, 64 MiB, and removed
 */
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>

#include "frame.h"

enum { BUFFER_BYTES = 8 << 20, MAX_THREADS = 4096 };

/* In the buffer: a word that is zero until the record behind it is complete. */
struct slot {
    _Atomic uint64_t published;
    char record[];
};

static int fd;
static size_t record_bytes, slot_bytes, slots;
static char *buffer;                       /* slots * slot_bytes; a slot is zero when it is free */
static atomic_bool stopping;               /* set by main */

/* Counts of records since the start, each on a line of its own. */
static _Alignas(LINE) _Atomic uint64_t claimed; /* by all threads */
static _Alignas(LINE) _Atomic uint64_t durable; /* by the committer: on disk, and its slot free */

/* Futex words. */
static _Alignas(LINE) _Atomic uint32_t groups;   /* by the committer: changes with each group */
static _Alignas(LINE) _Atomic uint32_t sleeping; /* 1 while the committer sleeps or is about to */

static void futex_wait(_Atomic uint32_t *word, uint32_t expected) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *word, int count) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

static struct slot *slot_of(uint64_t number) {
    return (struct slot *)(buffer + number % slots * slot_bytes);
}

static void wake_committer(void) {
    if (atomic_load(&sleeping) && atomic_exchange(&sleeping, 0)) futex_wake(&sleeping, 1);
}

static void append(const char *record) {
    uint64_t number = atomic_fetch_add(&claimed, 1);
    while (number - atomic_load(&durable) >= slots) sched_yield(); /* the buffer is full */
    struct slot *slot = slot_of(number);
    memcpy(slot->record, record, record_bytes);
    atomic_store(&slot->published, 1); /* sequentially consistent: before the look at sleeping */
    wake_committer();
    while (atomic_load(&durable) <= number) {
        uint32_t group = atomic_load(&groups);
        if (atomic_load(&durable) > number) break;
        futex_wait(&groups, group);
    }
}

/* How many records from `first` on are published without a gap, up to the end of the buffer. */
static uint64_t published_from(uint64_t first) {
    uint64_t count = 0, limit = slots - first % slots;
    while (count < limit && atomic_load(&slot_of(first + count)->published)) count++;
    return count;
}

static void commit(uint64_t first, uint64_t count, off_t *offset) {
    static const char zeros[LINE];
    struct frame_header header;
    size_t payload_bytes = count * slot_bytes, total = LINE + payload_bytes + LINE;
    if (*offset + (off_t)total > FILE_BYTES) *offset = 0;
    char *payload = (char *)slot_of(first);
    frame_fill(&header, (uint64_t)*offset, count, payload, payload_bytes);
    struct iovec parts[] = {
        {&header, LINE}, {payload, payload_bytes}, {(void *)zeros, LINE}};
    if (pwritev(fd, parts, 3, *offset) != (ssize_t)total) die("pwritev");
    if (fdatasync(fd)) die("fdatasync");
    *offset += (off_t)(LINE + payload_bytes);
    memset(payload, 0, payload_bytes); /* before the slots are given back */
    atomic_store(&durable, first + count);
    atomic_fetch_add(&groups, 1);
    futex_wake(&groups, INT_MAX);
}

static void *committer(void *unused) {
    uint64_t next = 0;
    off_t offset = 0;
    for (;;) {
        uint64_t count = published_from(next);
        if (count > 0) {
            commit(next, count, &offset);
            next += count;
            continue;
        }
        if (atomic_load(&stopping) && next == atomic_load(&claimed)) return unused;
        atomic_store(&sleeping, 1);
        if (published_from(next) == 0 && !atomic_load(&stopping)) futex_wait(&sleeping, 1);
        atomic_store(&sleeping, 0);
    }
}

static void *writer(void *latencies) {
    char *record = malloc(record_bytes);
    if (!record) die("malloc");
    memset(record, 'x', record_bytes);
    while (!atomic_load(&stopping)) {
        uint64_t before = now_ns();
        append(record);
        samples_add(latencies, now_ns() - before);
    }
    free(record);
    return NULL;
}

int main(int argc, char **argv) {
    record_bytes = argc == 5 ? strtoull(argv[2], NULL, 10) : 0;
    double seconds = argc == 5 ? strtod(argv[3], NULL) : 0;
    int threads = argc == 5 ? atoi(argv[4]) : 0;
    if (record_bytes < 1 || record_bytes > BUFFER_BYTES / 8 || !(seconds > 0) || threads < 1 ||
        threads > MAX_THREADS) {
        fprintf(stderr, "usage: %s FILE BYTES SECONDS THREADS\n", argv[0]);
        return 64;
    }
    fd = written_once(argv[1]);
    slot_bytes = (sizeof(struct slot) + record_bytes + 7) / 8 * 8;
    slots = BUFFER_BYTES / slot_bytes;
    buffer = calloc(slots, slot_bytes);
    if (!buffer) die("calloc");

    static pthread_t committing, writing[MAX_THREADS];
    static struct samples latencies[MAX_THREADS];
    uint64_t begun = now_ns();
    if (pthread_create(&committing, NULL, committer, NULL)) die("pthread_create");
    for (int i = 0; i < threads; i++)
        if (pthread_create(&writing[i], NULL, writer, &latencies[i])) die("pthread_create");
    struct timespec rest = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
    nanosleep(&rest, NULL);
    atomic_store(&stopping, true);
    struct samples all = {0};
    for (int i = 0; i < threads; i++) {
        pthread_join(writing[i], NULL);
        samples_append(&all, &latencies[i]);
    }
    uint64_t elapsed = now_ns() - begun;
    wake_committer();
    pthread_join(committing, NULL);
    report("group_commit", record_bytes, threads, &all, elapsed);
    unlink(argv[1]);
    return 0;
}
