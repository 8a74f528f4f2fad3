/* A certificate of our own for 127.0.0.1, made at each start; its PEM goes to a file for clients to trust. */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "sink.h"

static void extend(X509 *certificate, int kind, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

SSL_CTX *tls_start(const char *certificate_path) {
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = X509_new();
  if (!key || !certificate) return NULL;
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 7 * 24 * 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME *name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"bench sink", -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  /* ali-oss checks the vendor's name for its bucket, though it connects to the address it was given. */
  char names[512];
  snprintf(names, sizeof names, "IP:127.0.0.1,DNS:localhost,DNS:%s.oss-cn-hangzhou.aliyuncs.com", settings.bucket);
  extend(certificate, NID_subject_alt_name, names);
  extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate, NID_key_usage, "critical,digitalSignature,keyCertSign");
  extend(certificate, NID_subject_key_identifier, "hash");
  if (!X509_sign(certificate, key, EVP_sha256())) return NULL;
  FILE *file = fopen(certificate_path, "w");
  if (!file) return NULL;
  PEM_write_X509(file, certificate);
  fclose(file);
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  /* One cipher for everybody, so that clients are compared and not their preferences. */
  SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256");
  SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_read_ahead(context, 1);
  if (SSL_CTX_use_certificate(context, certificate) != 1 || SSL_CTX_use_PrivateKey(context, key) != 1) return NULL;
  return context;
}
