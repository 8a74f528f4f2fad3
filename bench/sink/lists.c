/* Listings, page by page: parts of a session, sessions of the bucket. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sink.h"

/* As OSS writes it: oss2 understands no other milliseconds than 000. */
static void iso(int64_t ms, char into[32]) {
  time_t seconds = ms / 1000;
  struct tm tm;
  gmtime_r(&seconds, &tm);
  strftime(into, 32, "%Y-%m-%dT%H:%M:%S.000Z", &tm);
}

static int number_of(struct request *r, const char *name, int fallback, int most) {
  char value[32];
  if (!query_value(r, name, value, sizeof value) || !value[0]) return fallback;
  int n = atoi(value);
  return n < 0 ? fallback : n > most ? most : n;
}

bool list_parts(struct conn *c, struct request *r, const char *id) {
  int marker = number_of(r, "part-number-marker", 0, 10000), most = number_of(r, "max-parts", 1000, 1000);
  int last = marker, count = 0;
  bool more = false;
  struct text parts = {0}, t = {0};
  char when[32];
  COUNT(lists, 1);
  state_lock();
  struct session *s = session_find(id, r->key);
  for (int i = marker; s && i < s->room; i++) {
    struct part *p = s->parts + i;
    if (!p->tag[0]) continue;
    if (count == most) {
      more = true;
      break;
    }
    iso(p->stored_ms, when);
    text_add(&parts, "<Part><PartNumber>%d</PartNumber><LastModified>%s</LastModified><ETag>\"%s\"</ETag>", i + 1, when,
             p->tag);
    if (settings.crc) text_add(&parts, "<HashCrc64ecma>%llu</HashCrc64ecma>", (unsigned long long)p->crc);
    text_add(&parts, "<Size>%llu</Size></Part>", (unsigned long long)p->size);
    count++, last = i + 1;
  }
  state_unlock();
  if (!s) return no_session(c, r);
  text_add(&t, PROLOGUE "<ListPartsResult><Bucket>%s</Bucket><Key>", settings.bucket);
  text_escaped(&t, r->key);
  text_add(&t,
           "</Key><UploadId>%s</UploadId><StorageClass>Standard</StorageClass><PartNumberMarker>%d</PartNumberMarker>"
           "<NextPartNumberMarker>%d</NextPartNumberMarker><MaxParts>%d</MaxParts><IsTruncated>%s</IsTruncated>%s"
           "</ListPartsResult>",
           id, marker, last, most, more ? "true" : "false", parts.at ? parts.at : "");
  bool ok = answer(c, r, 200, XML, t.at, t.size);
  free(parts.at), free(t.at);
  return ok;
}

static int by_key(const void *a, const void *b) {
  const struct session *x = *(struct session *const *)a, *y = *(struct session *const *)b;
  int order = strcmp(x->key, y->key);
  return order ? order : strcmp(x->id, y->id);
}

bool list_sessions(struct conn *c, struct request *r) {
  char key[2048] = "", id[64] = "", prefix[2048] = "", when[32];
  bool after_key = query_value(r, "key-marker", key, sizeof key) && key[0];
  bool after_id = query_value(r, "upload-id-marker", id, sizeof id) && id[0];
  query_value(r, "prefix", prefix, sizeof prefix);
  int most = number_of(r, "max-uploads", 1000, 1000), count = 0, total = 0;
  bool more = false;
  struct text t = {0}, list = {0};
  state_lock();
  for (struct session *s = session_first(); s; s = s->next) total++;
  struct session **all = calloc((size_t)total + 1, sizeof *all), *last = NULL;
  total = 0;
  for (struct session *s = session_first(); s; s = s->next) all[total++] = s;
  qsort(all, (size_t)total, sizeof *all, by_key);
  for (int i = 0; i < total; i++) {
    int order = strcmp(all[i]->key, key);
    if (after_key && (order < 0 || (order == 0 && (!after_id || strcmp(all[i]->id, id) <= 0)))) continue;
    if (strncmp(all[i]->key, prefix, strlen(prefix))) continue;
    if (count == most) {
      more = true;
      break;
    }
    last = all[i], count++;
    iso(last->opened_ms, when);
    text_add(&list, "<Upload><Key>");
    text_escaped(&list, last->key);
    text_add(&list, "</Key><UploadId>%s</UploadId><Initiated>%s</Initiated></Upload>", last->id, when);
  }
  text_add(&t, PROLOGUE "<ListMultipartUploadsResult><Bucket>%s</Bucket><NextKeyMarker>", settings.bucket);
  if (more) text_escaped(&t, last->key);
  text_add(&t,
           "</NextKeyMarker><NextUploadIdMarker>%s</NextUploadIdMarker><MaxUploads>%d</MaxUploads>"
           "<IsTruncated>%s</IsTruncated>%s</ListMultipartUploadsResult>",
           more ? last->id : "", most, more ? "true" : "false", list.at ? list.at : "");
  free(all);
  state_unlock();
  bool ok = answer(c, r, 200, XML, t.at, t.size);
  free(list.at), free(t.at);
  return ok;
}
