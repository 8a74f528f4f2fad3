#pragma once
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the command line asked for. */
struct settings {
  double per_connection; /* bytes per second, 0 = unlimited */
  double total;          /* bytes per second of all connections together, 0 = unlimited */
  int rtt;               /* milliseconds, before each answer and after each connect */
  double reset, busy;    /* probabilities per request */
  uint64_t seed;
  bool crc;
  const char *bucket;
};
extern struct settings settings;

/* One connection: plain or TLS, with a small buffer for heads and chunk lines. */
#define BUFFER (256 * 1024)
struct conn {
  int fd;
  SSL *ssl;
  unsigned char *buffer;
  size_t start, end;
  int64_t due; /* nanoseconds: when the per-connection rate allows the next bytes */
};
bool conn_fill(struct conn *c);                                      /* reads more into the buffer */
bool conn_take(struct conn *c, uint64_t size, uint64_t *crc);        /* drops body bytes; crc may be NULL */
bool conn_copy(struct conn *c, char *into, size_t size);             /* keeps body bytes */
bool conn_line(struct conn *c, char *into, size_t room);             /* one line without its CRLF */
bool conn_send(struct conn *c, const void *data, size_t size);
void conn_reset(struct conn *c);                                     /* RST instead of FIN */

/* One request. Texts point into `head`. */
struct request {
  char head[32 * 1024];
  const char *method, *query, *host;
  char key[2048]; /* decoded, without the bucket; empty for the bucket itself */
  uint64_t length, decoded_length, range_start, range_end;
  bool chunked, keep_alive, expects, has_decoded, has_range, complete_all, no_overwrite, known_length;
};
bool request_read(struct conn *c, struct request *r);
/* Value of a query parameter, decoded; false when it is absent. */
bool query_value(const struct request *r, const char *name, char *into, size_t room);

/* Text that grows. */
struct text {
  char *at;
  size_t size, room;
};
void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_escaped(struct text *t, const char *plain);

#define XML "Content-Type: application/xml\r\n"
#define PROLOGUE "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

/* Answers: status line, headers, body; waits the round trip first. */
bool answer(struct conn *c, const struct request *r, int status, const char *headers, const char *body, size_t size);
bool answer_error(struct conn *c, const struct request *r, int status, const char *code, const char *message);
bool no_session(struct conn *c, struct request *r);
void serve(struct conn *c);
bool list_parts(struct conn *c, struct request *r, const char *id);
bool list_sessions(struct conn *c, struct request *r);
bool handle(struct conn *c, struct request *r);
/* A reset after that share of the body, or a 503: whichever is not negative. */
bool faulty(struct conn *c, struct request *r, double reset, double busy);

/* Time. */
int64_t now_ns(void);
void sleep_until(int64_t at);
void pace(struct conn *c, size_t bytes);

/* What is remembered, all in memory. */
struct part {
  uint64_t size, crc;
  char tag[33];
  int64_t stored_ms;
};
struct session {
  char id[33];
  char *key;
  int64_t opened_ms;
  struct part *parts; /* index = number - 1; a part that is absent has an empty tag */
  int room;
  struct session *next;
};
struct object {
  char *key;
  uint64_t size, crc;
  char tag[48];
  bool multipart;
  int64_t stored_ms;
  struct object *next;
};
void state_lock(void);
void state_unlock(void);
struct session *session_open(const char *key);
struct session *session_find(const char *id, const char *key);
void session_drop(struct session *s);
struct session *session_first(void);
struct part *session_part(struct session *s, int number); /* makes room */
struct object *object_put(const char *key);
struct object *object_find(const char *key);
bool object_drop(const char *key);
void make_tag(char into[33], uint64_t crc, uint64_t size);
int64_t now_ms(void);

/* Counted since the last reset; read and reset by GET and DELETE on /__stats. */
struct counts {
  uint64_t connections, requests, body_bytes, parts, parts_again, again_bytes, objects, completes, resets, busy, lists;
  int64_t first_part_ms; /* when the first body byte of a part or object arrived, ms since 1970 */
};
extern struct counts counts;
#define COUNT(field, n) __atomic_add_fetch(&counts.field, (n), __ATOMIC_RELAXED)
bool handle_stats(struct conn *c, struct request *r);

SSL_CTX *tls_start(const char *certificate_path);
