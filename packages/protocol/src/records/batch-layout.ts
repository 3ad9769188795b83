// The 61 bytes in front of the records of a batch of magic 2 (KIP-98): where each field lies.

/** Byte positions from the start of the batch. */
export const At = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
  records: 61,
} as const;

/** Offset and length, which `batchLength` does not count. */
export const PREFIX = 12;

/** Bits of `attributes`; 0-2 are the codec. */
export const Attribute = {
  codec: 0x07,
  appendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40,
} as const;

/** 2^63 - 2^31 - 1: above, an offset in the batch, or the one after it, might not fit into 64 bits. */
export const MOST_OFFSET = 0x7fffffff7fffffffn;
