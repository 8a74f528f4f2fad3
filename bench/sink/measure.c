/*
 * Runs a command and prints, as its own last line on standard output, what the command cost:
 *   {"seconds":…,"cpuSeconds":…,"maxRssMiB":…,"status":…}
 * A tiny program does this because a child's peak memory starts at its parent's, and Node's is large.
 */
#include <stdio.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

int main(int argc, char **argv) {
  struct timespec from, to;
  struct rusage used;
  int status;
  if (argc < 2) return fputs("usage: measure COMMAND [ARGUMENT…]\n", stderr), 2;
  clock_gettime(CLOCK_MONOTONIC, &from);
  pid_t pid = fork();
  if (pid < 0) return perror("measure: fork"), 1;
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(argv[1], argv + 1);
    perror("measure: exec");
    _exit(127);
  }
  if (wait4(pid, &status, 0, &used) < 0) return perror("measure: wait"), 1;
  clock_gettime(CLOCK_MONOTONIC, &to);
  double seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
  printf("{\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"maxRssMiB\":%.1f,\"status\":%d}\n", seconds,
         seconds_of(used.ru_utime) + seconds_of(used.ru_stime), (double)used.ru_maxrss / 1024,
         WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 0;
}
