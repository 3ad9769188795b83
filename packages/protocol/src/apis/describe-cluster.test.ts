import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { encodeRequest } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { DescribeCluster } from './describe-cluster.ts';

const brokers = { includeClusterAuthorizedOperations: false, endpointType: 1, includeFencedBrokers: false };

describe('DescribeCluster', () => {
  it('asks for brokers in every version', () => {
    expect(encodeRequest(DescribeCluster, 0, brokers)).toEqual(bytes`00 00`);
    expect(encodeRequest(DescribeCluster, 1, brokers)).toEqual(bytes`00 01 00`);
    expect(encodeRequest(DescribeCluster, 2, brokers)).toEqual(bytes`00 01 00 00`);
  });

  it.each([
    [0, { ...brokers, endpointType: 2 }, 'endpointType'],
    [1, { ...brokers, includeFencedBrokers: true }, 'includeFencedBrokers'],
  ])('what v%i would answer with other nodes than wanted is refused by name: %o', (version, request, field) => {
    expect(() => encodeRequest(DescribeCluster, version, request)).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(DescribeCluster, version, request)).toThrow(field);
  });
});
