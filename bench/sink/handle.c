/* The verbs of OSS and S3 that uploading needs. Signatures are not checked. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crc64.h"
#include "sink.h"

#define MOST_XML (64u << 20)

static void mark_first_byte(void) {
  int64_t none = 0;
  __atomic_compare_exchange_n(&counts.first_part_ms, &none, now_ms(), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* Drops the body, whichever framing it has; tells its size and, with -C, its checksum. */
static bool take_body(struct conn *c, struct request *r, uint64_t *size, uint64_t *crc) {
  uint64_t *into = settings.crc && !r->has_decoded ? crc : NULL;
  *crc = 0, *size = r->length;
  if (!r->chunked) {
    if (!conn_take(c, r->length, into)) return false;
  } else {
    char line[256];
    *size = 0;
    for (;;) {
      if (!conn_line(c, line, sizeof line)) return false;
      uint64_t chunk = strtoull(line, NULL, 16);
      if (chunk == 0) break;
      if (!conn_take(c, chunk, into) || !conn_line(c, line, sizeof line)) return false;
      *size += chunk;
    }
    do
      if (!conn_line(c, line, sizeof line)) return false;
    while (line[0]);
  }
  if (r->has_decoded) *size = r->decoded_length;
  return true;
}

static void checksum_header(char *into, size_t room, const char *tag, uint64_t crc) {
  int used = snprintf(into, room, "ETag: \"%s\"\r\n", tag);
  if (settings.crc)
    snprintf(into + used, room - (size_t)used, "x-oss-hash-crc64ecma: %llu\r\n", (unsigned long long)crc);
}

static bool put_object(struct conn *c, struct request *r) {
  uint64_t size, crc;
  char headers[256];
  if (r->no_overwrite) {
    state_lock();
    bool there = object_find(r->key) != NULL;
    state_unlock();
    if (there) {
      if (!take_body(c, r, &size, &crc)) return false;
      return answer_error(c, r, 409, "FileAlreadyExists", "The object you specified already exists.");
    }
  }
  mark_first_byte();
  if (!take_body(c, r, &size, &crc)) return false;
  state_lock();
  struct object *o = object_put(r->key);
  o->size = size, o->crc = crc, o->multipart = false, o->stored_ms = now_ms();
  make_tag(o->tag, crc, size);
  checksum_header(headers, sizeof headers, o->tag, crc);
  state_unlock();
  COUNT(objects, 1);
  return answer(c, r, 200, headers, NULL, 0);
}

static bool put_part(struct conn *c, struct request *r, const char *id, int number) {
  uint64_t size, crc;
  char tag[33], headers[256];
  state_lock();
  struct session *s = session_find(id, r->key);
  bool again = s && number >= 1 && number <= s->room && s->parts[number - 1].tag[0];
  state_unlock();
  if (s && number >= 1 && number <= 10000 && !again) mark_first_byte();
  if (!take_body(c, r, &size, &crc)) return false;
  if (!s) return no_session(c, r);
  if (number < 1 || number > 10000)
    return answer_error(c, r, 400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive.");
  make_tag(tag, crc, size);
  state_lock();
  s = session_find(id, r->key);
  if (s) {
    struct part *p = session_part(s, number);
    if (p->tag[0]) {
      COUNT(parts_again, 1);
      COUNT(again_bytes, size);
    }
    p->size = size, p->crc = crc, p->stored_ms = now_ms();
    memcpy(p->tag, tag, sizeof p->tag);
  }
  state_unlock();
  if (!s) return no_session(c, r);
  COUNT(parts, 1);
  checksum_header(headers, sizeof headers, tag, crc);
  return answer(c, r, 200, headers, NULL, 0);
}

static bool open_session(struct conn *c, struct request *r) {
  uint64_t size, crc;
  struct text t = {0};
  if (!take_body(c, r, &size, &crc)) return false;
  state_lock();
  struct session *s = session_open(r->key);
  text_add(&t, PROLOGUE "<InitiateMultipartUploadResult><Bucket>%s</Bucket><Key>", settings.bucket);
  text_escaped(&t, r->key);
  text_add(&t, "</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>", s->id);
  state_unlock();
  bool ok = answer(c, r, 200, XML, t.at, t.size);
  free(t.at);
  return ok;
}

/* Reads the list of parts that came as XML. Returns how many, or -1 when a part is not as it says. */
static int listed_parts(struct session *s, char *xml, uint64_t *size, uint64_t *crc) {
  int count = 0, before = 0;
  for (char *at = xml; (at = strstr(at, "<Part>")); count++) {
    char *end = strstr(at, "</Part>");
    if (!end) return -1;
    *end = 0;
    char *number = strstr(at, "<PartNumber>"), *tag = strstr(at, "<ETag>");
    if (!number || !tag) return -1;
    int n = atoi(number + 12);
    if (n <= before || n > s->room) return -1;
    tag += 6;
    if (!strncmp(tag, "&quot;", 6)) tag += 6;
    else if (!strncmp(tag, "&#34;", 5)) tag += 5;
    else if (*tag == '"') tag++;
    struct part *p = s->parts + n - 1;
    if (!p->tag[0] || strncasecmp(tag, p->tag, 32)) return -1;
    *crc = crc64_combine(*crc, p->crc, p->size);
    *size += p->size;
    before = n;
    at = end + 1;
  }
  return count;
}

static bool complete(struct conn *c, struct request *r, const char *id) {
  if (r->chunked || r->length > MOST_XML) return false;
  char *xml = malloc(r->length + 1);
  if (!conn_copy(c, xml, r->length)) {
    free(xml);
    return false;
  }
  xml[r->length] = 0;
  uint64_t size = 0, crc = 0;
  int count = -2;
  struct text t = {0};
  char headers[256] = XML;
  state_lock();
  struct session *s = session_find(id, r->key);
  if (s && r->complete_all) {
    count = 0;
    for (int i = 0; i < s->room; i++)
      if (s->parts[i].tag[0]) {
        crc = crc64_combine(crc, s->parts[i].crc, s->parts[i].size);
        size += s->parts[i].size;
        count++;
      }
  } else if (s) {
    count = listed_parts(s, xml, &size, &crc);
  }
  if (count > 0) {
    struct object *o = object_put(r->key);
    o->size = size, o->crc = crc, o->multipart = true, o->stored_ms = now_ms();
    char tag[33];
    make_tag(tag, crc, size);
    snprintf(o->tag, sizeof o->tag, "%s-%d", tag, count);
    session_drop(s);
    checksum_header(headers + strlen(headers), sizeof headers - strlen(headers), o->tag, crc);
    text_add(&t, PROLOGUE "<CompleteMultipartUploadResult><Location>http://sink/");
    text_escaped(&t, r->key);
    text_add(&t, "</Location><Bucket>%s</Bucket><Key>", settings.bucket);
    text_escaped(&t, r->key);
    text_add(&t, "</Key><ETag>\"%s\"</ETag></CompleteMultipartUploadResult>", o->tag);
  }
  state_unlock();
  free(xml);
  if (count == -2) return no_session(c, r);
  if (count == -1)
    return answer_error(c, r, 400, "InvalidPart",
                        "One or more of the specified parts could not be found or the specified entity tag might not "
                        "have matched the part's entity tag.");
  if (count == 0) return answer_error(c, r, 400, "MalformedXML", "The list of parts is empty.");
  COUNT(completes, 1);
  bool ok = answer(c, r, 200, headers, t.at, t.size);
  free(t.at);
  return ok;
}

static bool abort_session(struct conn *c, struct request *r, const char *id) {
  state_lock();
  struct session *s = session_find(id, r->key);
  if (s) session_drop(s);
  state_unlock();
  return s ? answer(c, r, 204, "", NULL, 0) : no_session(c, r);
}

/* HEAD, and GET with zeros for a body: what was sent is not kept. */
static bool get_object(struct conn *c, struct request *r, bool head) {
  state_lock();
  struct object *found = object_find(r->key), o = found ? *found : (struct object){0};
  state_unlock();
  if (!found) return answer_error(c, r, 404, "NoSuchKey", "The specified key does not exist.");
  uint64_t start = 0, size = o.size;
  bool part = r->has_range && !head && r->range_start < o.size;
  if (part) {
    start = r->range_start;
    size = (r->range_end < o.size ? r->range_end + 1 : o.size) - start;
  }
  char headers[640], sums[160], when[64], range[96] = "";
  time_t seconds = o.stored_ms / 1000;
  struct tm tm;
  gmtime_r(&seconds, &tm);
  strftime(when, sizeof when, "%a, %d %b %Y %H:%M:%S GMT", &tm);
  checksum_header(sums, sizeof sums, o.tag, o.crc);
  if (part)
    snprintf(range, sizeof range, "Content-Range: bytes %llu-%llu/%llu\r\n", (unsigned long long)start,
             (unsigned long long)(start + size - 1), (unsigned long long)o.size);
  snprintf(headers, sizeof headers,
           "%s%sLast-Modified: %s\r\nContent-Type: application/octet-stream\r\nx-oss-object-type: %s\r\n"
           "Accept-Ranges: bytes\r\nContent-Length: %llu\r\n",
           sums, range, when, o.multipart ? "Multipart" : "Normal", (unsigned long long)size);
  if (!answer(c, r, part ? 206 : 200, headers, NULL, 0)) return false;
  static const char zeros[64 * 1024];
  while (!head && size > 0) {
    size_t n = size < sizeof zeros ? (size_t)size : sizeof zeros;
    if (!conn_send(c, zeros, n)) return false;
    pace(c, n);
    size -= n;
  }
  return true;
}

bool handle(struct conn *c, struct request *r) {
  char id[64], number[16], nothing[8];
  bool has_id = query_value(r, "uploadId", id, sizeof id);
  if (!strcmp(r->method, "PUT")) {
    if (!r->key[0]) return answer(c, r, 200, "", NULL, 0);
    if (!has_id) return put_object(c, r);
    int n = query_value(r, "partNumber", number, sizeof number) ? atoi(number) : 0;
    return put_part(c, r, id, n);
  }
  if (!strcmp(r->method, "POST")) {
    if (has_id) return complete(c, r, id);
    if (query_value(r, "uploads", nothing, sizeof nothing)) return open_session(c, r);
  } else if (!strcmp(r->method, "DELETE")) {
    if (has_id) return abort_session(c, r, id);
    state_lock();
    object_drop(r->key);
    state_unlock();
    return answer(c, r, 204, "", NULL, 0);
  } else if (!strcmp(r->method, "GET") || !strcmp(r->method, "HEAD")) {
    if (has_id) return list_parts(c, r, id);
    if (!r->key[0] && query_value(r, "uploads", nothing, sizeof nothing)) return list_sessions(c, r);
    return get_object(c, r, r->method[0] == 'H');
  }
  uint64_t size, crc;
  if (!take_body(c, r, &size, &crc)) return false;
  return answer_error(c, r, 501, "NotImplemented", "The sink does not know this request.");
}

bool faulty(struct conn *c, struct request *r, double reset, double busy) {
  uint64_t size, crc;
  if (reset >= 0) {
    /* The connection dies somewhere in the body, or before the answer. */
    COUNT(resets, 1);
    conn_take(c, (uint64_t)((double)r->length * reset), NULL);
    conn_reset(c);
    return false;
  }
  if (busy >= 0) {
    COUNT(busy, 1);
    return take_body(c, r, &size, &crc) &&
           answer_error(c, r, 503, "ServiceUnavailable", "Please reduce your request rate.");
  }
  return true;
}
