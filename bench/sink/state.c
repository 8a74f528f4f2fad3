/* Sessions and objects, in memory. The caller holds the lock. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sink.h"

#define SLOTS 4096
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct session *sessions;
static struct object *objects[SLOTS];
struct counts counts;

void state_lock(void) { pthread_mutex_lock(&lock); }
void state_unlock(void) { pthread_mutex_unlock(&lock); }

int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct session *session_open(const char *key) {
  static uint64_t number;
  struct session *s = calloc(1, sizeof *s);
  snprintf(s->id, sizeof s->id, "%016llX%016llX", (unsigned long long)(settings.seed * 0x9E3779B97F4A7C15ull),
           (unsigned long long)++number);
  s->key = strdup(key);
  s->opened_ms = now_ms();
  s->next = sessions;
  sessions = s;
  return s;
}

struct session *session_find(const char *id, const char *key) {
  for (struct session *s = sessions; s; s = s->next)
    if (!strcmp(s->id, id)) return strcmp(s->key, key) ? NULL : s;
  return NULL;
}

struct session *session_first(void) { return sessions; }

void session_drop(struct session *gone) {
  for (struct session **s = &sessions; *s; s = &(*s)->next)
    if (*s == gone) {
      *s = gone->next;
      free(gone->key), free(gone->parts), free(gone);
      return;
    }
}

struct part *session_part(struct session *s, int number) {
  if (number > s->room) {
    int room = number < 64 ? 64 : number * 2 > 10000 ? 10000 : number * 2;
    s->parts = realloc(s->parts, (size_t)room * sizeof *s->parts);
    if (!s->parts) abort();
    memset(s->parts + s->room, 0, (size_t)(room - s->room) * sizeof *s->parts);
    s->room = room;
  }
  return s->parts + number - 1;
}

static struct object **slot(const char *key) {
  uint64_t h = 1469598103934665603ull;
  for (const char *at = key; *at; at++) h = (h ^ (unsigned char)*at) * 1099511628211ull;
  struct object **o = &objects[h % SLOTS];
  while (*o && strcmp((*o)->key, key)) o = &(*o)->next;
  return o;
}

struct object *object_find(const char *key) { return *slot(key); }

struct object *object_put(const char *key) {
  struct object **o = slot(key);
  if (!*o) {
    *o = calloc(1, sizeof **o);
    (*o)->key = strdup(key);
  }
  return *o;
}

bool object_drop(const char *key) {
  struct object **o = slot(key), *gone = *o;
  if (!gone) return false;
  *o = gone->next;
  free(gone->key), free(gone);
  return true;
}

/* With checksums a tag says what the bytes are, as an MD5 would; without, it is only different each time. */
void make_tag(char into[33], uint64_t crc, uint64_t size) {
  static uint64_t number;
  uint64_t a = settings.crc ? crc : __atomic_add_fetch(&number, 1, __ATOMIC_RELAXED);
  snprintf(into, 33, "%016llX%016llX", (unsigned long long)a, (unsigned long long)size);
}
