import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { AddPartitionsToTxn } from './add-partitions-to-txn.ts';

const topics = [{ name: 't', partitions: [3] }];
const one = { transactionalId: 'x', producerId: 7n, producerEpoch: 2, verifyOnly: false, topics };
const topicResults = [{ name: 't', resultsByPartition: [{ partitionIndex: 3, partitionErrorCode: 51 }] }];

describe('AddPartitionsToTxn', () => {
  it('up to v3 the only transaction stands in the request itself', () => {
    const v0 = bytes`0001 'x' 0000000000000007 0002  00000001 0001 't' 00000001 00000003`;
    const v3 = bytes`02 'x' 0000000000000007 0002  02 02 't' 02 00000003 00  00`;
    for (const [version, golden] of [[0, v0] as const, [3, v3] as const]) {
      expect(encodeRequest(AddPartitionsToTxn, version, { transactions: [one] })).toEqual(golden);
      expect(decodeRequest(AddPartitionsToTxn, version, golden)).toEqual({ transactions: [one] });
    }
  });

  it('from v4 on there are many, each asking or only verifying', () => {
    const request = { transactions: [one, { ...one, transactionalId: 'y', verifyOnly: true, topics: [] }] };
    const golden = bytes`03  02 'x' 0000000000000007 0002 00 02 02 't' 02 00000003 00 00
      02 'y' 0000000000000007 0002 01 01 00  00`;
    expect(encodeRequest(AddPartitionsToTxn, 4, request)).toEqual(golden);
    expect(decodeRequest(AddPartitionsToTxn, 4, golden)).toEqual(request);
  });

  it.each([
    ['no transaction', [], '0 transactions'],
    ['two transactions', [one, one], '2 transactions'],
    ['only verifying', [{ ...one, verifyOnly: true }], 'verifyOnly'],
  ])('up to v3 a request is refused by name: %s', (_what, transactions, field) => {
    expect(() => encodeRequest(AddPartitionsToTxn, 3, { transactions })).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(AddPartitionsToTxn, 3, { transactions })).toThrow(field);
  });

  it('up to v3 the only result stands in the response itself, without its id and without an error at the top', () => {
    const result = { transactionalId: 'x', topicResults };
    const response = { throttleTimeMs: 1, errorCode: 48, resultsByTransaction: [result] };
    const v0 = bytes`00000001  00000001 0001 't' 00000001 00000003 0033`;
    const read = { throttleTimeMs: 1, errorCode: 0, resultsByTransaction: [{ transactionalId: '', topicResults }] };
    expect(encodeResponse(AddPartitionsToTxn, 0, response)).toEqual(v0);
    expect(decodeResponse(AddPartitionsToTxn, 0, v0)).toEqual(read);
    const v4 = bytes`00000001 0030  02 02 'x' 02 02 't' 02 00000003 0033 00 00 00  00`;
    expect(encodeResponse(AddPartitionsToTxn, 4, response)).toEqual(v4);
    expect(decodeResponse(AddPartitionsToTxn, 4, v4)).toEqual(response);
  });

  it('up to v3 a response for no or many transactions is refused', () => {
    for (const results of [
      [],
      [
        { transactionalId: 'x', topicResults },
        { transactionalId: 'y', topicResults },
      ],
    ]) {
      const response = { throttleTimeMs: 0, errorCode: 0, resultsByTransaction: results };
      expect(() => encodeResponse(AddPartitionsToTxn, 3, response)).toThrow(`${results.length} results`);
    }
  });
});
