#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CRC-64/XZ, as OSS reports it. Call crc64_start once before anything else; false when a self-check fails. */
bool crc64_start(void);
uint64_t crc64(uint64_t crc, const void *data, size_t size);
/* The checksum of a followed by b, from both checksums and the bytes of b. */
uint64_t crc64_combine(uint64_t a, uint64_t b, uint64_t size_of_b);
