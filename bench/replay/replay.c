// Does the system calls of a script, one after the other, and nothing else: what a C program would
// take that knows beforehand what to say to the kernel. Prints one line of JSON.
//
// Messages name descriptors (IFLA_NET_NS_FD), so each gets the number that it had when the script
// was recorded.

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ARGUMENTS = 6, SCRATCH_BYTES = 64 << 10 };
enum kind { NUMBER, OFFSET, SCRATCH };

struct step {
  uint8_t call; // its place in CALLS
  uint8_t fails;
  uint8_t kinds[ARGUMENTS];
  int32_t descriptor; // the number that the result has to have, or -1
  uint32_t unused;
  int64_t arguments[ARGUMENTS];
};

struct script {
  uint32_t steps;
  uint32_t lowest_descriptor;
  struct step first[];
};

// In the order of script.ts.
static const long CALLS[] = {
    SYS_close, SYS_linkat,     SYS_mount,  SYS_openat,  SYS_read,   SYS_recvfrom, SYS_sendto,
    SYS_setns, SYS_setsockopt, SYS_socket, SYS_umount2, SYS_unlink, SYS_unshare,  SYS_write,
};

static char scratch[SCRATCH_BYTES];

static void fail(const char *what, uint32_t step) {
  fprintf(stderr, "replay: %s at step %u: %s\n", what, step, strerror(errno));
  exit(1);
}

static const struct script *read_script(const char *path) {
  int file = open(path, O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) < 0) fail(path, 0);
  void *content = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  if (content == MAP_FAILED) fail(path, 0);
  close(file);
  return content;
}

static long perform(const struct step *step, const char *bytes) {
  long values[ARGUMENTS];
  for (int index = 0; index < ARGUMENTS; index++) {
    switch (step->kinds[index]) {
      case NUMBER: values[index] = step->arguments[index]; break;
      case OFFSET: values[index] = (long)(bytes + step->arguments[index]); break;
      case SCRATCH: values[index] = (long)scratch; break;
    }
  }
  return syscall(CALLS[step->call], values[0], values[1], values[2], values[3], values[4], values[5]);
}

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
  if (count != 2) fail("usage: replay SCRIPT", 0);
  const struct script *script = read_script(arguments[1]);
  const char *bytes = (const char *)(script->first + script->steps);
  // The kernel gives the lowest free number: with these taken, nearly always the right one.
  while (dup(0) < (int)script->lowest_descriptor - 1) continue;

  double begin = seconds(CLOCK_MONOTONIC), begin_cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (uint32_t index = 0; index < script->steps; index++) {
    const struct step *step = script->first + index;
    long result = perform(step, bytes);
    if ((result < 0) != step->fails) fail("other than recorded", index);
    if (step->descriptor >= 0 && result != step->descriptor) {
      if (dup2(result, step->descriptor) < 0) fail("dup2", index);
      close(result);
    }
  }
  double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - begin_cpu, elapsed = seconds(CLOCK_MONOTONIC) - begin;
  printf("{\"ms\":%.3f,\"cpuMs\":%.3f}\n", elapsed * 1e3, cpu * 1e3);
  return 0;
}
