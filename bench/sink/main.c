/*
 * A fast place to upload to: speaks enough OSS and S3, keeps no bodies, checks no signatures.
 *
 *   sink [-p port] [-b bucket] [-C] [-T certificate.pem] [-r B/s] [-R B/s] [-l ms] [-d p] [-e p] [-s seed]
 *
 * Prints {"port":N} once it listens on 127.0.0.1. Dies with its parent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crc64.h"
#include "sink.h"

struct settings settings = {.seed = 1, .bucket = "bench"};
static SSL_CTX *tls;

/* The n-th request's luck: the same seed gives the same faults, whichever connection meets them. */
static double chance(uint64_t n, uint64_t salt) {
  uint64_t v = n * 0x9E3779B97F4A7C15ull ^ settings.seed * 0xD1B54A32D192ED03ull ^ salt;
  v = (v ^ v >> 30) * 0xBF58476D1CE4E5B9ull;
  v = (v ^ v >> 27) * 0x94D049BB133111EBull;
  return (double)((v ^ v >> 31) >> 11) / 9007199254740992.0;
}

bool handle_stats(struct conn *c, struct request *r) {
  if (!strcmp(r->method, "DELETE")) {
    memset(&counts, 0, sizeof counts);
    return answer(c, r, 204, "", NULL, 0);
  }
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  double cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
  struct text t = {0};
#define FIELD(name) text_add(&t, ",\"%s\":%llu", #name, (unsigned long long)counts.name)
  text_add(&t, "{\"cpu_seconds\":%.6f", cpu);
  FIELD(connections), FIELD(requests), FIELD(body_bytes), FIELD(parts), FIELD(parts_again), FIELD(again_bytes);
  FIELD(objects), FIELD(completes), FIELD(resets), FIELD(busy), FIELD(lists), FIELD(first_part_ms);
  text_add(&t, "}\n");
  bool ok = answer(c, r, 200, "Content-Type: application/json\r\n", t.at, t.size);
  free(t.at);
  return ok;
}

void serve(struct conn *c) {
  static uint64_t number;
  struct request *r = malloc(sizeof *r);
  while (request_read(c, r)) {
    if (!strcmp(r->key, "__stats")) {
      if (!handle_stats(c, r)) break;
      continue;
    }
    uint64_t n = __atomic_add_fetch(&number, 1, __ATOMIC_RELAXED);
    COUNT(requests, 1);
    if (r->expects && !conn_send(c, "HTTP/1.1 100 Continue\r\n\r\n", 25)) break;
    bool reset = chance(n, 1) < settings.reset, busy = !reset && chance(n, 2) < settings.busy;
    if (reset || busy) {
      if (!faulty(c, r, reset ? chance(n, 3) : -1, busy ? 1 : -1)) break;
    } else if (!handle(c, r)) {
      break;
    }
    if (!r->keep_alive) break;
  }
  free(r);
}

static void *connection(void *argument) {
  struct conn c = {.fd = (int)(intptr_t)argument, .buffer = malloc(BUFFER)};
  int yes = 1;
  setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  COUNT(connections, 1);
  /* A connect costs one round trip, a TLS handshake one more. */
  if (settings.rtt > 0) sleep_until(now_ns() + settings.rtt * (tls ? 2 : 1) * 1000000ll);
  if (tls) {
    c.ssl = SSL_new(tls);
    SSL_set_fd(c.ssl, c.fd);
  }
  if (!tls || SSL_accept(c.ssl) == 1) serve(&c);
  if (c.ssl) SSL_free(c.ssl);
  close(c.fd);
  free(c.buffer);
  return NULL;
}

static void usage(void) {
  fputs("usage: sink [-p port] [-b bucket] [-C] [-T certificate.pem] [-r B/s] [-R B/s] [-l ms] [-d p] [-e p] [-s seed]\n",
        stderr);
  exit(2);
}

int main(int argc, char **argv) {
  int port = 0, option;
  const char *certificate = NULL;
  while ((option = getopt(argc, argv, "p:b:CT:r:R:l:d:e:s:")) != -1) switch (option) {
      case 'p': port = atoi(optarg); break;
      case 'b': settings.bucket = optarg; break;
      case 'C': settings.crc = true; break;
      case 'T': certificate = optarg; break;
      case 'r': settings.per_connection = atof(optarg); break;
      case 'R': settings.total = atof(optarg); break;
      case 'l': settings.rtt = atoi(optarg); break;
      case 'd': settings.reset = atof(optarg); break;
      case 'e': settings.busy = atof(optarg); break;
      case 's': settings.seed = strtoull(optarg, NULL, 10); break;
      default: usage();
    }
  if (optind < argc) usage();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  if (!crc64_start()) return fputs("sink: wrong CRC-64\n", stderr), 1;
  if (certificate && !(tls = tls_start(certificate))) return fputs("sink: cannot start TLS\n", stderr), 1;

  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (settings.per_connection > 0) {
    /* A paced connection must push back soon, or the kernel swallows megabytes before the pace is felt. */
    int room = 256 * 1024;
    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  }
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1024) ||
      getsockname(listener, (struct sockaddr *)&address, &size))
    return perror("sink: listen"), 1;
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);

  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&small, 512 * 1024);
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) continue;
    pthread_t thread;
    if (pthread_create(&thread, &small, connection, (void *)(intptr_t)fd)) close(fd);
  }
}
