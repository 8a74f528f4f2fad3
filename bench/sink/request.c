/* HTTP/1.1: heads in, answers out. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sink.h"

static int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = (char)tolower((unsigned char)c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void decode(const char *from, size_t size, char *into, size_t room) {
  size_t used = 0;
  for (size_t i = 0; i < size && used + 1 < room; i++) {
    if (from[i] == '%' && i + 2 < size && hex(from[i + 1]) >= 0 && hex(from[i + 2]) >= 0) {
      into[used++] = (char)(hex(from[i + 1]) * 16 + hex(from[i + 2]));
      i += 2;
    } else {
      into[used++] = from[i];
    }
  }
  into[used] = 0;
}

bool query_value(const struct request *r, const char *name, char *into, size_t room) {
  size_t length = strlen(name);
  for (const char *at = r->query; *at;) {
    const char *end = strchrnul(at, '&');
    if (strncmp(at, name, length) == 0 && (at[length] == '=' || at[length] == '&' || at[length] == 0)) {
      const char *value = at + length + (at[length] == '=');
      decode(value, value < end ? (size_t)(end - value) : 0, into, room);
      return true;
    }
    at = *end ? end + 1 : end;
  }
  return false;
}

static void header(struct request *r, const char *name, const char *value) {
  if (!strcasecmp(name, "content-length")) r->length = strtoull(value, NULL, 10), r->known_length = true;
  else if (!strcasecmp(name, "transfer-encoding")) r->chunked = strcasestr(value, "chunked") != NULL;
  else if (!strcasecmp(name, "connection")) r->keep_alive = strcasestr(value, "close") == NULL;
  else if (!strcasecmp(name, "expect")) r->expects = strcasestr(value, "100-continue") != NULL;
  else if (!strcasecmp(name, "host")) r->host = value;
  else if (!strcasecmp(name, "x-amz-decoded-content-length"))
    r->decoded_length = strtoull(value, NULL, 10), r->has_decoded = true;
  else if (!strcasecmp(name, "x-oss-complete-all")) r->complete_all = !strcasecmp(value, "yes");
  else if (!strcasecmp(name, "x-oss-forbid-overwrite")) r->no_overwrite = !strcasecmp(value, "true");
  else if (!strcasecmp(name, "range") && !strncmp(value, "bytes=", 6) && isdigit((unsigned char)value[6])) {
    char *end;
    r->range_start = strtoull(value + 6, &end, 10);
    r->range_end = *end == '-' && end[1] ? strtoull(end + 1, NULL, 10) : UINT64_MAX;
    r->has_range = true;
  }
}

bool request_read(struct conn *c, struct request *r) {
  size_t head = 0;
  for (;;) {
    unsigned char *at = c->buffer + c->start;
    unsigned char *end = memmem(at, c->end - c->start, "\r\n\r\n", 4);
    if (end) {
      head = (size_t)(end - at) + 2;
      break;
    }
    if (c->end - c->start >= sizeof r->head - 4 || !conn_fill(c)) return false;
  }
  if (head >= sizeof r->head) return false;
  memcpy(r->head, c->buffer + c->start, head);
  r->head[head] = 0;
  c->start += head + 2;

  r->length = r->decoded_length = r->range_start = r->range_end = 0;
  r->chunked = r->expects = r->has_decoded = r->has_range = r->complete_all = r->no_overwrite = r->known_length = false;
  r->keep_alive = true;
  r->host = "";
  char *rest, *line = strtok_r(r->head, "\r\n", &rest);
  if (!line) return false;
  char *space = strchr(line, ' ');
  char *last = strrchr(line, ' ');
  if (!space || last == space) return false;
  *space = *last = 0;
  r->method = line;
  char *target = space + 1;
  if (!strncmp(target, "http://", 7) || !strncmp(target, "https://", 8)) {
    target = strchr(target + 8, '/');
    if (!target) return false;
  }
  char *mark = strchr(target, '?');
  r->query = mark ? mark + 1 : "";
  if (mark) *mark = 0;
  char path[sizeof r->key];
  decode(target, strlen(target), path, sizeof path);
  size_t bucket = strlen(settings.bucket);
  const char *key = path[0] == '/' ? path + 1 : path;
  if (!strncmp(key, settings.bucket, bucket) && (key[bucket] == '/' || key[bucket] == 0))
    key += bucket + (key[bucket] == '/');
  memcpy(r->key, key, strlen(key) + 1);

  while ((line = strtok_r(NULL, "\r\n", &rest))) {
    char *colon = strchr(line, ':');
    if (!colon) continue;
    *colon = 0;
    char *value = colon + 1;
    while (*value == ' ' || *value == '\t') value++;
    header(r, line, value);
  }
  return true;
}

void text_add(struct text *t, const char *format, ...) {
  for (;;) {
    va_list list;
    va_start(list, format);
    int n = vsnprintf(t->at ? t->at + t->size : NULL, t->room - t->size, format, list);
    va_end(list);
    if (n < 0) return;
    if (t->size + (size_t)n < t->room) {
      t->size += (size_t)n;
      return;
    }
    t->room = (t->room + (size_t)n + 1) * 2;
    t->at = realloc(t->at, t->room);
    if (!t->at) abort();
  }
}

void text_escaped(struct text *t, const char *plain) {
  for (; *plain; plain++) {
    unsigned char c = (unsigned char)*plain;
    if (isalnum(c) || strchr("-._~/", c)) text_add(t, "%c", c);
    else text_add(t, "&#%u;", c);
  }
}

static const char *reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 404: return "Not Found";
    case 503: return "Service Unavailable";
    default: return status < 500 ? "Bad Request" : "Internal Server Error";
  }
}

bool answer(struct conn *c, const struct request *r, int status, const char *headers, const char *body, size_t size) {
  static uint64_t number;
  char head[1024];
  if (settings.rtt > 0) sleep_until(now_ns() + settings.rtt * 1000000ll);
  int used = snprintf(head, sizeof head,
                      "HTTP/1.1 %d %s\r\nServer: sink\r\nx-oss-request-id: %024llX\r\nx-oss-server-time: 1\r\n%s%s", status,
                      reason(status), (unsigned long long)__atomic_add_fetch(&number, 1, __ATOMIC_RELAXED), headers,
                      r->keep_alive ? "" : "Connection: close\r\n");
  if (status != 204 && !strstr(headers, "Content-Length:"))
    used += snprintf(head + used, sizeof head - (size_t)used, "Content-Length: %zu\r\n", size);
  used += snprintf(head + used, sizeof head - (size_t)used, "\r\n");
  if (size > 0 && size + (size_t)used <= sizeof head) {
    memcpy(head + used, body, size);
    return conn_send(c, head, (size_t)used + size);
  }
  return conn_send(c, head, (size_t)used) && (size == 0 || conn_send(c, body, size));
}

bool answer_error(struct conn *c, const struct request *r, int status, const char *code, const char *message) {
  struct text t = {0};
  text_add(&t,
           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message>"
           "<RequestId>0</RequestId><HostId>sink</HostId></Error>",
           code, message);
  bool head = !strcmp(r->method, "HEAD");
  bool ok = answer(c, r, status, "Content-Type: application/xml\r\n", t.at, head ? 0 : t.size);
  free(t.at);
  return ok;
}

bool no_session(struct conn *c, struct request *r) {
  return answer_error(c, r, 404, "NoSuchUpload",
                      "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
                      "aborted or completed.");
}
