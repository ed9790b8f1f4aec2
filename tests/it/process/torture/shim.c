/* A disk that fails and a clock that is wrong, for one process: preloaded (ld.so(8), LD_PRELOAD), it answers for the C
 * library. What it does stands in the file that KEYBIN_TEST_SHIM names, mapped into memory, so that a test changes it
 * while the process runs. Only positional writes fail: the embedded file is written with them, the log is not. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct orders {
    volatile int64_t write_error;  /* errno of writing and of growing, or 0 */
    volatile int64_t sync_error;   /* errno of making durable, or 0 */
    volatile int64_t clock_offset; /* seconds that the clock is ahead of the true one */
};

static struct orders none;
static struct orders *orders = &none;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("KEYBIN_TEST_SHIM");
    int file = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        abort(); /* a test whose faults do not happen would be green */
    void *mapped = mmap(0, sizeof(struct orders), PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED)
        abort();
    orders = mapped;
    close(file);
}

static int fails(int64_t error) {
    if (error)
        errno = (int)error;
    return error != 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    return fails(orders->write_error) ? -1 : REAL(pwrite64)(file, bytes, count, offset);
}

int ftruncate64(int file, off64_t length) {
    return fails(orders->write_error) ? -1 : REAL(ftruncate64)(file, length);
}

int fdatasync(int file) {
    return fails(orders->sync_error) ? -1 : REAL(fdatasync)(file);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int answer = REAL(clock_gettime)(clock, time);
    if (answer == 0 && clock == CLOCK_REALTIME)
        time->tv_sec += orders->clock_offset;
    return answer;
}
