/* Bytes in and out: pacing, dropping, TLS. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crc64.h"
#include "sink.h"

int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void sleep_until(int64_t at) {
  struct timespec t = {at / 1000000000, at % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) continue;
}

/* Waits until the connection's rate and the link's rate have let these bytes through. */
void pace(struct conn *c, size_t bytes) {
  if (settings.per_connection == 0 && settings.total == 0) return;
  int64_t now = now_ns(), until = now;
  if (settings.per_connection > 0) {
    c->due = (c->due > now ? c->due : now) + (int64_t)((double)bytes / settings.per_connection * 1e9);
    until = c->due;
  }
  if (settings.total > 0) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static int64_t link_due;
    pthread_mutex_lock(&lock);
    link_due = (link_due > now ? link_due : now) + (int64_t)((double)bytes / settings.total * 1e9);
    if (link_due > until) until = link_due;
    pthread_mutex_unlock(&lock);
  }
  if (until > now) sleep_until(until);
}

static ssize_t receive(struct conn *c, void *into, size_t room) {
  if (c->ssl) return SSL_read(c->ssl, into, room > 1 << 30 ? 1 << 30 : (int)room);
  ssize_t n;
  do n = recv(c->fd, into, room, 0);
  while (n < 0 && errno == EINTR);
  return n;
}

bool conn_fill(struct conn *c) {
  if (c->start == c->end) c->start = c->end = 0;
  if (c->start > 0 && c->end == BUFFER) {
    memmove(c->buffer, c->buffer + c->start, c->end - c->start);
    c->end -= c->start, c->start = 0;
  }
  if (c->end == BUFFER) return false;
  ssize_t n = receive(c, c->buffer + c->end, BUFFER - c->end);
  if (n <= 0) return false;
  c->end += (size_t)n;
  return true;
}

bool conn_take(struct conn *c, uint64_t size, uint64_t *crc) {
  bool paced = settings.per_connection > 0 || settings.total > 0;
  bool drop = !c->ssl && crc == NULL;
  while (size > 0) {
    size_t have = c->end - c->start;
    size_t n = have < size ? have : (size_t)size;
    if (n > 0) {
      if (crc) *crc = crc64(*crc, c->buffer + c->start, n);
      c->start += n;
    } else {
      size_t most = paced ? 64 * 1024 : drop ? 1 << 20 : BUFFER;
      size_t want = size < most ? (size_t)size : most;
      /* With MSG_TRUNC TCP throws the bytes away without copying them. */
      ssize_t got = drop ? recv(c->fd, c->buffer, want, MSG_TRUNC) : receive(c, c->buffer, want);
      if (got < 0 && !c->ssl && errno == EINTR) continue;
      if (got <= 0) return false;
      n = (size_t)got;
      if (crc) *crc = crc64(*crc, c->buffer, n);
    }
    COUNT(body_bytes, n);
    size -= n;
    if (paced) pace(c, n);
  }
  return true;
}

bool conn_copy(struct conn *c, char *into, size_t size) {
  while (size > 0) {
    if (c->start == c->end && !conn_fill(c)) return false;
    size_t have = c->end - c->start, n = have < size ? have : size;
    memcpy(into, c->buffer + c->start, n);
    c->start += n, into += n, size -= n;
  }
  return true;
}

bool conn_line(struct conn *c, char *into, size_t room) {
  size_t used = 0;
  for (;;) {
    if (c->start == c->end && !conn_fill(c)) return false;
    char byte = (char)c->buffer[c->start++];
    if (byte == '\n') break;
    if (used + 1 >= room) return false;
    into[used++] = byte;
  }
  if (used > 0 && into[used - 1] == '\r') used--;
  into[used] = 0;
  return true;
}

bool conn_send(struct conn *c, const void *data, size_t size) {
  const char *at = data;
  while (size > 0) {
    ssize_t n = c->ssl ? SSL_write(c->ssl, at, size > 1 << 30 ? 1 << 30 : (int)size)
                       : send(c->fd, at, size, MSG_NOSIGNAL);
    if (n < 0 && !c->ssl && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n, size -= (size_t)n;
  }
  return true;
}

void conn_reset(struct conn *c) {
  struct linger now = {1, 0};
  setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}
