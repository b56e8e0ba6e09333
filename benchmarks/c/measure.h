/* The clock, the latencies of one thread, and the line that both programs print. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

__attribute__((noreturn)) static inline void die(const char *what) {
    perror(what);
    exit(1);
}

/* Latencies in nanoseconds, at most 4.29 s each. Owned by one thread until it has ended. */
struct samples {
    uint32_t *ns;
    size_t count, capacity;
};

static inline void samples_add(struct samples *s, uint64_t ns) {
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 1 << 16;
        s->ns = realloc(s->ns, s->capacity * sizeof *s->ns);
        if (!s->ns) die("realloc");
    }
    s->ns[s->count++] = ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

static inline void samples_append(struct samples *to, const struct samples *from) {
    for (size_t i = 0; i < from->count; i++) samples_add(to, from->ns[i]);
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* "name: 128 B, 16 threads: 48000 ops/s, p50 310 us, p99 700 us, max 2100 us" */
static inline void report(const char *name, size_t bytes, int threads, struct samples *s,
                          uint64_t elapsed_ns) {
    if (s->count == 0) {
        fprintf(stderr, "%s: nothing was measured\n", name);
        exit(1);
    }
    qsort(s->ns, s->count, sizeof *s->ns, by_value);
    printf("%s: %zu B, %d thread%s: %.0f ops/s, p50 %.1f us, p99 %.1f us, max %.1f us\n", name,
           bytes, threads, threads == 1 ? "" : "s", s->count * 1e9 / elapsed_ns,
           s->ns[s->count / 2] / 1e3, s->ns[s->count - 1 - s->count / 100] / 1e3,
           s->ns[s->count - 1] / 1e3);
}

#endif
