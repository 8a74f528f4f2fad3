#include "crc64.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Reflected polynomial: bit 63 is the coefficient of x^0. */
#define POLY 0xC96C5795D7870F42ull
#define ONE 0x8000000000000000ull

static uint64_t table[8][256];
static uint64_t byte_powers[64]; /* x^(8 * 2^k) mod P */
static int have_clmul;
static uint64_t fold_far[2], fold_near[2]; /* over 1024 and over 128 bits */

static uint64_t times_x(uint64_t v) { return (v >> 1) ^ (v & 1 ? POLY : 0); }

static uint64_t power_of_x(unsigned n) {
  uint64_t v = ONE;
  while (n-- > 0) v = times_x(v);
  return v;
}

static uint64_t multiply(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  for (; a; a <<= 1) {
    if (a & ONE) product ^= b;
    b = times_x(b);
  }
  return product;
}

/* Slicing by eight; the register goes in and comes out without the final inversion. */
static uint64_t sliced(uint64_t reg, const unsigned char *p, size_t size) {
  for (; size >= 8; p += 8, size -= 8) {
    uint64_t w;
    memcpy(&w, p, 8);
    w ^= reg;
    reg = table[7][w & 255] ^ table[6][w >> 8 & 255] ^ table[5][w >> 16 & 255] ^ table[4][w >> 24 & 255] ^
          table[3][w >> 32 & 255] ^ table[2][w >> 40 & 255] ^ table[1][w >> 48 & 255] ^ table[0][w >> 56];
  }
  while (size-- > 0) reg = table[0][(reg ^ *p++) & 255] ^ (reg >> 8);
  return reg;
}

#if defined(__x86_64__)
__attribute__((target("pclmul,sse4.1"))) static inline __m128i fold(__m128i v, __m128i k, __m128i next) {
  __m128i low = _mm_clmulepi64_si128(v, k, 0x00), high = _mm_clmulepi64_si128(v, k, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

__attribute__((target("pclmul,sse4.1"))) static uint64_t folded(uint64_t reg, const unsigned char *p, size_t size) {
  const __m128i *in = (const __m128i *)p;
  __m128i far = _mm_set_epi64x((long long)fold_far[1], (long long)fold_far[0]);
  __m128i near = _mm_set_epi64x((long long)fold_near[1], (long long)fold_near[0]);
  __m128i lane[8];
  for (int i = 0; i < 8; i++) lane[i] = _mm_loadu_si128(in + i);
  lane[0] = _mm_xor_si128(lane[0], _mm_set_epi64x(0, (long long)reg));
  size_t left = size - 128;
  for (in += 8; left >= 128; left -= 128, in += 8)
    for (int i = 0; i < 8; i++) lane[i] = fold(lane[i], far, _mm_loadu_si128(in + i));
  for (int i = 1; i < 8; i++) lane[i] = fold(lane[i - 1], near, lane[i]);
  unsigned char last[16];
  _mm_storeu_si128((__m128i *)last, lane[7]);
  return sliced(sliced(0, last, 16), (const unsigned char *)in, left);
}
#endif

uint64_t crc64(uint64_t crc, const void *data, size_t size) {
#if defined(__x86_64__)
  if (have_clmul && size >= 256) return ~folded(~crc, data, size);
#endif
  return ~sliced(~crc, data, size);
}

uint64_t crc64_combine(uint64_t a, uint64_t b, uint64_t size_of_b) {
  /* All parts but the last are equally long: remember the last operator. */
  static _Thread_local uint64_t known_size, known_power;
  if (known_size != size_of_b || known_power == 0) {
    uint64_t power = ONE, n = size_of_b;
    for (int k = 0; n; k++, n >>= 1)
      if (n & 1) power = multiply(power, byte_powers[k]);
    known_size = size_of_b, known_power = power;
  }
  return multiply(a, known_power) ^ b;
}

bool crc64_start(void) {
  for (int i = 0; i < 256; i++) {
    uint64_t v = (uint64_t)i;
    for (int bit = 0; bit < 8; bit++) v = times_x(v);
    table[0][i] = v;
  }
  for (int i = 0; i < 256; i++)
    for (int k = 1; k < 8; k++) table[k][i] = (table[k - 1][i] >> 8) ^ table[0][table[k - 1][i] & 255];
  byte_powers[0] = power_of_x(8);
  for (int k = 1; k < 64; k++) byte_powers[k] = multiply(byte_powers[k - 1], byte_powers[k - 1]);
#if defined(__x86_64__)
  have_clmul = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
  /* A carry-less product of two reflected words comes out one power of x too high: hence the minus one. */
  fold_far[0] = power_of_x(1024 + 64 - 1), fold_far[1] = power_of_x(1024 - 1);
  fold_near[0] = power_of_x(128 + 64 - 1), fold_near[1] = power_of_x(128 - 1);
#endif

  unsigned char sample[5000];
  for (size_t i = 0; i < sizeof sample; i++) sample[i] = (unsigned char)(i * 31 ^ i >> 5);
  uint64_t whole = crc64(0, sample, sizeof sample), head = crc64(0, sample, 1234);
  return crc64(0, "123456789", 9) == 0x995DC9BBDF1939FAull && whole == ~sliced(~0ull, sample, sizeof sample) &&
         whole == crc64_combine(head, crc64(0, sample + 1234, sizeof sample - 1234), sizeof sample - 1234);
}
